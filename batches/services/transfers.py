"""Material moved into new containers, and samples drawn: done by the chain of identity, kept with the step."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from batches.errors import AlreadyRecorded
from batches.models import Step, StepTransfer
from batches.services.capture import note_capture
from batches.services.locks import lock_step
from batches.services.running import require_identified
from chain_of_identity.models import Container, Transformation
from chain_of_identity.services import Into, take_sample, transfer
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, NotFound
from mes.phrases import Phrase
from mes.quantities import Quantity, convert
from mes.records.models import Event
from mes.records.services import act
from recipes.document import Transfer


def transfer_material(
    *,
    actor: User,
    step: Step,
    volumes_ml: Sequence[Decimal],
    sources: Sequence[str] = (),
    place: str = "",
) -> list[Container]:
    """Move the material as the recipe says: one new container per volume, from the scanned (or named) containers."""
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.transfer", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_identified(step, actor)
        _refuse_twice(step)
        rule = step.says.transfer
        if rule is None:
            raise InvalidInput(Phrase("Step {step} moves no material.", step=step), step=step.key)
        made = transfer(
            actor=actor,
            action=rule.action,
            sources=_sources(step, sources),
            into=_targets(rule, volumes_ml, place),
            batch_id=step.batch_id,
            step_id=step.id,
        )
        _keep(event, step, made)
        event.data["into"] = [each.label for each in made]
        note_capture(event, step, "The transfer")
    return made


def draw_sample(*, actor: User, step: Step, container: str = "") -> Container:
    """Draw the recipe's sample out of the scanned (or named) container; the tube gets a label of its own."""
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.draw_sample", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_identified(step, actor)
        _refuse_twice(step)
        rule = step.says.sample
        if rule is None:
            raise InvalidInput(Phrase("Step {step} takes no sample.", step=step), step=step.key)
        bag = _sources(step, [container] if container else [])[0]
        sample = take_sample(
            actor=actor,
            container=bag,
            volume_ml=convert(Quantity(rule.quantity, rule.unit), "mL").value,
            description=f"{rule.code} {rule.stage}",
            batch_id=step.batch_id,
            step_id=step.id,
        )
        _keep(event, step, [sample])
        event.data |= {"sample": sample.label, "code": rule.code, "stage": rule.stage}
        note_capture(event, step, f"Sample {rule.code}")
    return sample


def _sources(step: Step, labels: Sequence[str]) -> list[Container]:
    """The containers named; else those scanned in this step; else what the batch holds except samples."""
    filled = Container.objects.select_related("order__site", "order__patient").filled()
    ours = filled.filter(order=step.batch.order_id).exclude(holds=Container.Holds.SAMPLE)
    if labels:
        named = list(filled.filter(label__in=labels))
        missing = set(labels) - {each.label for each in named}
        if missing:
            raise NotFound(Phrase("No filled container has the label {missing}.", missing=", ".join(sorted(missing))))
        return named
    scanned = step.scans.filter(attempt=step.attempt).values_list("scan__container_id", flat=True)
    found = list(ours.filter(id__in=scanned.exclude(scan__container=None)))
    found = found or list(ours.filter(batch_id=step.batch_id))
    if not found:
        raise NotFound("This batch holds no filled container.", batch=step.batch.number)
    return found


def _targets(rule: Transfer, volumes_ml: Sequence[Decimal], place: str) -> list[Into]:
    least = sum(each.count for each in rule.into)
    most = sum(each.at_most or each.count for each in rule.into)
    if not least <= len(volumes_ml) <= most:
        number = f"{least}" if least == most else f"{least}–{most}"
        raise InvalidInput(Phrase("Give the volumes of {number} containers.", number=number), field="volumes_ml")
    kinds = [each.kind for each in rule.into for _ in range(each.count)]
    kinds += [rule.into[-1].kind] * (len(volumes_ml) - len(kinds))
    holds = Container.Holds.PRODUCT if rule.action == "fill" else Container.Holds.INTERMEDIATE
    return [Into(kind, volume, holds, place=place) for kind, volume in zip(kinds, volumes_ml, strict=True)]


def _keep(event: Event, step: Step, made: Sequence[Container]) -> None:
    transformation = Transformation.objects.filter(links__target=made[0]).get()
    StepTransfer.objects.create(
        step=step,
        attempt=step.attempt,
        by=event.actor,
        done_at=clock.now(step.site),
        transformation=transformation,
    )


def _refuse_twice(step: Step) -> None:
    if step.transfers.filter(attempt=step.attempt).exists():
        raise AlreadyRecorded("This was done in this step already.", step=step.key)
