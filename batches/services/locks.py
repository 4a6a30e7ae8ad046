"""The order of locks: batch first, then step. What a decision needs is read after them."""

from uuid import UUID

from batches.models import Batch, Step
from batches.services.running import require_place
from mes.records import current
from mes.records.models import RecordedModel

# Neither changes in the life of a batch: carried over, not read again under the lock.
FIXED = ("site", "recipe_version")
# In this order. A row that was waited for is read again only if it is one of those that are locked.
LOCKED = ("batch", "self", "operation", "operation__unit_procedure")


def lock_batch(batch: Batch) -> Batch:
    """The batch as it is now, ours until the transaction ends."""
    locked = Batch.objects.select_for_update(no_key=True).defer("control_recipe").get(pk=batch.pk)
    for name in FIXED:
        _carry_over(name, batch, locked)
    return locked


def free_batch(batch_id: UUID) -> Batch | None:
    """The batch, ours until the transaction ends; None while somebody else has it in hand."""
    free = Batch.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return free.select_related("site", "order__patient", "recipe_version__recipe").filter(pk=batch_id).first()


def lock_step(step: Step, *, from_anywhere: bool = False) -> Step:
    """The step as it is now, after its batch; every write below goes through this one object of each.

    Whoever acts on it does so at a terminal of its room (TerminalRefused), unless it may be done `from_anywhere`.
    """
    found = Step.objects.select_related("batch", "operation__unit_procedure").defer("batch__control_recipe")
    locked = found.select_for_update(no_key=True, of=LOCKED).get(pk=step.pk)
    for name in FIXED:
        _carry_over(name, step.batch, locked.batch)
    within(locked.batch, locked)
    event = current.event.get()
    if event is not None and not from_anywhere:  # without an event nothing can be written
        require_place(locked, event.actor)
    return locked


def within(batch: Batch, step: Step) -> Step:
    """Let a step and its parents share one batch object, so that a change of state is seen by all."""
    step.batch = batch
    step.operation.batch = batch
    step.operation.unit_procedure.batch = batch
    return step


def _carry_over(name: str, known: RecordedModel, locked: RecordedModel) -> None:
    if name in known._state.fields_cache:
        setattr(locked, name, getattr(known, name))
