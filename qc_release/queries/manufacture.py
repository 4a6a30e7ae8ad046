"""Gates of release that look at the batch record and at the chain of identity."""

from collections.abc import Iterable

from batches import queries as batches
from batches.models import Batch
from chain_of_identity.queries import chain_report, reasons_labels_open
from mes.errors import Reason
from mes.records.sealing import unsealed_events


def steps_complete(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_steps_open(batch)


def signatures_valid(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_signatures(batch)


def record_whole(batch: Batch) -> Iterable[Reason]:
    return batches.missing_facts(batch)


def exceptions_decided(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_exceptions(batch)


def deviations_approved(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_deviations(batch)


def forms_returned(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_forms_out(batch)


def line_cleared_after(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_line_in_use(batch)


def people_trained(batch: Batch) -> Iterable[Reason]:
    return batches.reasons_training(batch)


def identity_unbroken(batch: Batch) -> Iterable[Reason]:
    for problem in chain_report(batch.order).problems:
        yield Reason("identity_chain_broken", f"Chain of identity: {problem.message}", problem.subject)


def labels_reconciled(batch: Batch) -> Iterable[Reason]:
    return reasons_labels_open(batch.order, batch.id)


def records_sealed(batch: Batch) -> Iterable[Reason]:
    """Release seals first; what stays unsealed belongs to an act that is still running."""
    if number := unsealed_events(batch.id):
        words = f"Entries of the audit trail not sealed yet: {number}."
        yield Reason("records_not_sealed", words, batch.number)
