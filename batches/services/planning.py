"""From a confirmed slot to an issued batch record."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection

from batches.models import Batch, Operation, Step, UnitProcedure
from batches.services.locks import lock_batch
from chain_of_identity.models import Order
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, SignatureRefused, WrongState
from mes.records.services import act, sign
from mes.records.signing import Signer
from recipes.document import RecipeDocument
from recipes.document import Step as StepSpec
from recipes.models import RecipeVersion
from recipes.parameters import with_parameters
from recipes.queries import effective_version


def plan_batch(
    *,
    actor: User,
    order: Order,
    recipe_version: RecipeVersion,
    planned_start: datetime,
    planned_end: datetime,
    suite: str,
    parameters: Mapping[str, str] | None = None,
    reason: str = "",
) -> Batch:
    """A batch with its number and its own frozen copy of the recipe that is in force today.

    `parameters` sets those the recipe marks as changeable (R-083), in their own units; that needs a reason.
    """
    site = order.site
    require(actor, "scheduling.plan", site)
    _check_window(planned_start, planned_end)
    _require_in_force(recipe_version, site)
    chosen = _chosen(recipe_version, parameters or {}, reason)
    with act(actor, "batches.plan_batch", site=site, subject=order, reason=reason) as event:
        batch = Batch.objects.create(
            site=site,
            order=order,
            recipe_version=recipe_version,
            number=_next_number(site),
            coi_id=order.coi_id,
            control_recipe=recipe_version.document,
            sha256=recipe_version.sha256,
            parameters=chosen,
            suite=suite,
            planned_start=planned_start,
            planned_end=planned_end,
        )
        event.batch_id = batch.id
        event.data |= {"batch": batch.number, "parameters": chosen, "suite": suite}
    return batch


def replan_batch(
    *,
    actor: User,
    batch: Batch,
    planned_start: datetime,
    planned_end: datetime,
    suite: str,
    reason: str,
) -> Batch:
    """Move a batch that has not been issued yet."""
    require(actor, "scheduling.plan", batch.site)
    _check_window(planned_start, planned_end)
    with act(actor, "batches.replan_batch", site=batch.site, subject=batch, batch=batch, reason=reason):
        batch = lock_batch(batch)
        _require_only_planned(batch)
        batch.planned_start, batch.planned_end, batch.suite = planned_start, planned_end, suite
        batch.save(update_fields=["planned_start", "planned_end", "suite"])
    return batch


def cancel_plan(*, actor: User, batch: Batch, reason: str) -> Batch:
    """Give up a batch before it was issued. Its number is never used again."""
    require(actor, "scheduling.plan", batch.site)
    if not reason.strip():
        raise InvalidInput("Write why the batch is given up.", field="reason")
    with act(actor, "batches.cancel_plan", site=batch.site, subject=batch, batch=batch, reason=reason):
        batch = lock_batch(batch)
        _require_only_planned(batch)
        batch.cancelled_at = clock.now(batch.site)
        batch.save(update_fields=["cancelled_at"])
    return batch


def issue_batch(*, actor: User, batch: Batch, signer: Signer) -> Batch:
    """Check the batch record against its master, sign it, and lay out its steps (211.188(a))."""
    require(actor, "batches.issue", batch.site)
    if signer.meaning != "issued" or signer.user != actor:
        raise SignatureRefused("A batch record is issued by your own signature.", meaning="issued")
    with act(actor, "batches.issue_batch", site=batch.site, subject=batch, batch=batch) as event:
        batch = lock_batch(batch)
        _require_only_planned(batch)
        document = _checked_copy(batch)
        batch.issued_at = clock.now(batch.site)
        batch.save(update_fields=["issued_at"])
        _lay_out(batch, document)
        sign(event, signer, subject=batch, meaning="issued")
        event.data |= {"sha256": batch.sha256, "steps": len(document.steps)}
    return batch


def control_recipe_of(batch: Batch) -> RecipeDocument:
    """The batch's own copy of the recipe, with the parameters that were chosen for it."""
    document = RecipeDocument.from_json(batch.control_recipe)
    overrides = {name: chosen["value"] for name, chosen in batch.parameters.items()}
    return with_parameters(document, overrides) if overrides else document


def _check_window(start: datetime, end: datetime) -> None:
    if end <= start:
        raise InvalidInput("A batch ends after it starts.", field="planned_end")


def _require_in_force(version: RecipeVersion, site: Site) -> None:
    current = effective_version(site, version.recipe.code, clock.now(site))
    if current != version:
        raise WrongState(f"{version} is not the version in force at {site}.", recipe=version.recipe.code)


def _chosen(version: RecipeVersion, parameters: Mapping[str, str], reason: str) -> dict[str, dict[str, str]]:
    if not parameters:
        return {}
    if not reason.strip():
        raise InvalidInput("Write why a parameter differs from the recipe.", field="reason")
    document = with_parameters(RecipeDocument.from_json(version.document), parameters)
    return {
        name: {"value": value, "unit": document.parameters[name].unit, "reason": reason}
        for name, value in parameters.items()
    }


def _next_number(site: Site) -> str:
    """`GRAZ-26-0007`: counted per site and year, without gaps in time but never reused."""
    prefix = f"{site.code}-{clock.now(site):%y}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"batch number {prefix}"])
    return f"{prefix}{Batch.objects.filter(number__startswith=prefix).count() + 1:04d}"


def _require_only_planned(batch: Batch) -> None:
    if batch.cancelled_at:
        raise WrongState(f"{batch} was cancelled.", state="cancelled")
    if batch.issued_at:
        raise WrongState(f"{batch} has been issued.", state="issued")


def _checked_copy(batch: Batch) -> RecipeDocument:
    """The copy must still be the master as it stands in the database, word for word (R-086)."""
    version = RecipeVersion.objects.get(pk=batch.recipe_version_id)
    master = sha256(version.source.encode()).hexdigest()
    if batch.control_recipe != version.document or not batch.sha256 == version.sha256 == master:
        raise Conflict("The batch record is not a true copy of its recipe.", expected=version.sha256)
    return control_recipe_of(batch)


def _lay_out(batch: Batch, document: RecipeDocument) -> None:
    ups: list[UnitProcedure] = []
    operations: list[Operation] = []
    steps: list[Step] = []
    for up_number, up in enumerate(document.procedure, start=1):
        ups.append(UnitProcedure(batch=batch, position=up_number, key=up.id, name=up.name, equipment=up.equipment))
        for op in up.operations:
            operations.append(
                Operation(
                    batch=batch,
                    unit_procedure=ups[-1],
                    position=len(operations) + 1,
                    key=op.id,
                    name=op.name,
                    day=op.day,
                )
            )
            steps += [
                _step(batch, operations[-1], document, spec, len(steps) + number)
                for number, spec in enumerate(op.steps, start=1)
            ]
    UnitProcedure.objects.bulk_create(ups)
    Operation.objects.bulk_create(operations)
    Step.objects.bulk_create(steps)


def _step(batch: Batch, operation: Operation, document: RecipeDocument, spec: StepSpec, position: int) -> Step:
    return Step(
        batch=batch,
        operation=operation,
        position=position,
        key=spec.id,
        name=spec.title,
        kind=spec.kind,
        group=spec.parallel or "",
        unit_class=document.class_of(spec),
        grade=document.grade_of(spec),
        spec=_frozen(document, spec),
    )


def _frozen(document: RecipeDocument, spec: StepSpec) -> dict[str, Any]:
    """The step as this batch carries it: set-points that name a parameter hold its value."""
    frozen = spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for tag, quantity in document.setpoints_of(spec).items():
        frozen["command"]["setpoints"][tag] |= {"value": f"{quantity.value:f}", "unit": quantity.unit}
    return frozen
