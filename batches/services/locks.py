"""The order of locks: batch first, then step. What a decision needs is read after them."""

from batches.models import Batch, Step


def lock_batch(batch: Batch) -> Batch:
    """The batch as it is now, ours until the transaction ends."""
    rows = Batch.objects.select_related("site", "order__patient", "recipe_version__recipe")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)


def lock_step(step: Step) -> Step:
    """The step as it is now, after its batch; every write below goes through this one object of each."""
    batch = lock_batch(step.batch)
    rows = Step.objects.select_related("operation__unit_procedure", "room", "performer")
    locked = rows.select_for_update(of=("self",), no_key=True).get(pk=step.pk)
    return within(batch, locked)


def within(batch: Batch, step: Step) -> Step:
    """Let a step and its parents share one batch object, so that a change of state is seen by all."""
    step.batch = batch
    step.operation.batch = batch
    step.operation.unit_procedure.batch = batch
    return step
