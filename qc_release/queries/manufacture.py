"""Gates of release that look at the batch record and at the chain of identity."""

from collections.abc import Iterable

from batches import queries as batches
from chain_of_identity.queries import chain_report
from mes.errors import Reason
from mes.records.sealing import unsealed_events
from qc_release.models import ReleaseFile


def steps_complete(file: ReleaseFile) -> Iterable[Reason]:
    return batches.reasons_steps_open(file.batch)


def signatures_valid(file: ReleaseFile) -> Iterable[Reason]:
    return batches.reasons_signatures(file.batch)


def exceptions_decided(file: ReleaseFile) -> Iterable[Reason]:
    return batches.reasons_exceptions(file.batch)


def deviations_approved(file: ReleaseFile) -> Iterable[Reason]:
    return batches.reasons_deviations(file.batch)


def people_trained(file: ReleaseFile) -> Iterable[Reason]:
    return batches.reasons_training(file.batch)


def identity_unbroken(file: ReleaseFile) -> Iterable[Reason]:
    for problem in chain_report(file.batch.order).problems:
        yield Reason("identity_chain_broken", f"Chain of identity: {problem.message}", problem.subject)


def records_sealed(file: ReleaseFile) -> Iterable[Reason]:
    """Release seals first; what stays unsealed belongs to an act that is still running."""
    if number := unsealed_events(file.batch_id):
        words = f"{number} entries of the audit trail are not sealed yet."
        yield Reason("records_not_sealed", words, file.batch.number)
