"""What a clock or a machine moves on. Each function does its work once, however often it is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from batches.judgement import hold_end
from batches.models import Batch, ExceptionKind, Step
from batches.queries.missing import last_command, reasons_incomplete
from batches.services.commands import hold_by_rule, settle_by_rule
from batches.services.exceptions import raise_exception
from batches.services.finishing import finish, note_late_end
from batches.services.locks import free_batch, lock_batch, within
from batches.states import TRANSIENT
from equipment.states import CommandStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.records.models import Event
from mes.records.services import act

AT_ONCE = 25
# The last instant in time is not late: who looks then finds nothing, and would look again at once.
JUST_AFTER = timedelta(microseconds=1)


def due_batches() -> list[UUID]:
    """Batches with a step whose time has come, or that are on their way to another state."""
    due = Q(pk__in=[])
    for site in Site.objects.all():
        due |= Q(batch__site=site, due_at__lte=clock.now(site))
    steps = Step.objects.watched().filter(due)
    found = (
        steps.values_list("batch_id", flat=True),
        Step.objects.filter(status__in=TRANSIENT).values_list("batch_id", flat=True),
        Batch.objects.filter(status__in=TRANSIENT).values_list("id", flat=True),
    )
    return list(dict.fromkeys(batch_id for each in found for batch_id in each[:AT_ONCE]))


def advance_due(*, actor: User) -> None:
    """Move on the batches that are due, a few at a time. One that fails keeps no other waiting.

    Others may do the same at this moment: what one has in hand the next leaves alone. ExceptionGroup of what failed.
    """
    failed = []
    for batch_id in due_batches():
        try:
            advance_batch(actor=actor, batch_id=batch_id)
        except Exception as error:  # noqa: BLE001 - raised below, with those of the others
            failed.append(error)
    if failed:
        raise ExceptionGroup("Batches could not be moved on", failed)


def next_due() -> datetime | None:
    """The server's time at which the next step comes due; None while none has a time ahead of it."""
    found = []
    for site in Site.objects.all():
        later = Step.objects.watched().filter(batch__site=site, due_at__gt=clock.now(site)).order_by("due_at")
        first = later.values_list("due_at", flat=True).first()
        if first is not None:
            found.append(clock.to_server(site, first))
    return min(found, default=None)


def advance_batch(*, actor: User, batch_id: UUID) -> None:
    """Move on what is due in one batch. A batch somebody else has in hand is left to the next tick."""
    with transaction.atomic():
        batch = free_batch(batch_id)
        if batch is None:
            return
        for step in _due_steps(batch):
            _advance(actor, step)
        settle_by_rule(lock_batch(batch))


def _due_steps(batch: Batch) -> Iterator[Step]:
    """Each as it is when its turn comes: the failure of one may have held the batch, and then the others wait."""
    due = Step.objects.watched().filter(batch=batch, due_at__lte=clock.now(batch.site))
    rows = due.select_related("operation__unit_procedure", "room", "performer")
    for step_id in list(due.values_list("id", flat=True)):
        step = rows.select_for_update(of=("self",), no_key=True).filter(pk=step_id).first()
        if step is not None:
            yield within(lock_batch(batch), step)


def _advance(actor: User, step: Step) -> None:
    given = last_command(step)
    if given is not None and given.is_open:
        return  # the gateway has it in hand; the next tick looks again
    with act(actor, "batches.advance_step", site=step.site, subject=step, batch=step.batch_id) as event:
        if given is not None and given.status == CommandStatus.FAILED:
            _report_failure(event, step, given.failure)
        else:
            _move_on(event, step)


def _move_on(event: Event, step: Step) -> None:
    """Complete what completes by itself when its time is up; else look again when it becomes late."""
    now = clock.now(step.site)
    ends_at = _ends_at(step)
    if ends_at is not None and now < ends_at:
        _look_again(step, ends_at)
    elif step.says.signature == "none" and not reasons_incomplete(step):
        finish(step, event=event)
    elif step.late_after is not None and now <= step.late_after:
        _look_again(step, step.late_after + JUST_AFTER)
    else:
        note_late_end(event, step)
        _look_again(step, None)


def _ends_at(step: Step) -> datetime | None:
    """When a hold ends by itself. Its tolerance is for people, not for the clock."""
    hold = step.says.hold
    if hold is None or step.started_at is None:
        return None
    return hold_end(step.started_at, hold.minutes)


def _look_again(step: Step, at: datetime | None) -> None:
    step.due_at = at
    step.save(update_fields=["due_at"])


def _report_failure(event: Event, step: Step, failure: str) -> None:
    """A failed command is an exception; where the recipe says that it blocks, the batch is held (section 5)."""
    _look_again(step, None)
    text = f"{step}: the unit did not do as commanded. {failure}"
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.EQUIPMENT,
        severity=step.says.severity,
        blocks=step.says.blocks,
        text=text,
    )
    if step.says.blocks or step.says.severity in {"high", "critical"}:
        hold_by_rule(step.batch, reason=text)
