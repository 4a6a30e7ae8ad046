"""What stands between a batch and its release. The same list closes the button and refuses in the service (R-162)."""

from collections.abc import Callable, Iterable

from batches.models import Batch
from mes.errors import Reason
from qc_release.models import ReleaseFile
from qc_release.queries import conditions, laboratory, manufacture
from qc_release.queries.lookups import file_of
from qc_release.states import Disposition

BatchGate = Callable[[Batch], Iterable[Reason]]
FileGate = Callable[[ReleaseFile], Iterable[Reason]]

OF_THE_BATCH: tuple[BatchGate, ...] = (
    manufacture.steps_complete,
    manufacture.signatures_valid,
    manufacture.record_whole,
    manufacture.exceptions_decided,
    manufacture.deviations_approved,
    manufacture.forms_returned,
    manufacture.line_cleared_after,
    manufacture.identity_unbroken,
    manufacture.labels_reconciled,
    conditions.materials_clean,
    conditions.equipment_clean,
    conditions.rooms_clean,
    conditions.alarms_answered,
    manufacture.people_trained,
    manufacture.records_sealed,
)
OF_THE_LABORATORY: tuple[FileGate, ...] = (
    laboratory.results_checked,
    laboratory.files_settled,
    laboratory.specification_met,
    laboratory.investigations_closed,
    laboratory.expiry_computed,
    laboratory.reviews_signed,
)


def blocks_to_release(batch: Batch, *, decision: str = Disposition.RELEASED) -> list[Reason]:
    """Every precondition that is not met, each by name; empty means the decision may be signed.

    A batch still being made has no file at the laboratory: what its own record lacks is named all the same.
    """
    file = file_of(batch)
    if file is not None:
        return blocks_of(file, decision)
    no_file = Reason("no_release_file", "No sample of this batch has reached the laboratory.", batch.number)
    return [*_of_the_batch(batch), no_file]


def blocks_of(file: ReleaseFile, decision: str) -> list[Reason]:
    """The preconditions by decision.

    Released with results pending: tests that the specification lets come later may still be open. Supplied out of
    specification: the specification itself need not be met, everything else must be (R-171). Rejecting and
    quarantining keep product from the patient, and nothing stands against that.
    """
    if decision in (Disposition.REJECTED, Disposition.QUARANTINED):
        return []
    waived = laboratory.specification_met if decision == Disposition.SUPPLIED_OOS else None
    of_laboratory = [reason for gate in OF_THE_LABORATORY if gate is not waived for reason in gate(file)]
    with_pending = decision != Disposition.RELEASED
    missing = laboratory.results_missing(file, with_pending=with_pending)
    return [*_of_the_batch(file.batch), *of_laboratory, *missing]


def _of_the_batch(batch: Batch) -> list[Reason]:
    """Each once: a signature nobody gave is missed as a signature and as a part of the record."""
    return list(dict.fromkeys(reason for gate in OF_THE_BATCH for reason in gate(batch)))
