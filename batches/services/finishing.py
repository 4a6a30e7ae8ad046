"""What follows when a step is complete: the path, the room, the parents, the units, the next calculation."""

from __future__ import annotations

from batches.models import Batch, BatchException, ExceptionKind, LineClearance, Operation, Severity, Step
from batches.queries.gates import binding_of, reasons_step_blocked
from batches.queries.missing import reasons_incomplete
from batches.recorded import Turn
from batches.services.calculations import compute_if_ready
from batches.services.commands import settle_by_rule
from batches.services.decisions import choose_path
from batches.services.elements import command, complete, start_above, was_last_of_its_operation
from batches.services.exceptions import raise_exception
from batches.services.locks import within
from batches.services.units import free_after_operation
from batches.states import Command, State
from equipment.counting import interruptions
from equipment.models import Grade
from equipment.services import leave_room, use_room
from equipment.states import RoomStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.records.models import Event
from mes.records.services import act


def finish(step: Step, *, event: Event, verifier: User | None = None) -> None:
    """Inside an act: the step is complete; what follows from that happens now."""
    note_late_end(event, step)
    note_not_counted(event, step)
    complete(step, event=event, due_at=None)
    if step.says.decision:
        choose_path(step)
    if step.kind == "line_clearance":
        _record_clearance(event, step, verifier)
    go_on_after(step, event=event)


def go_on_after(step: Step, *, event: Event) -> None:
    """Inside an act, when a step is complete and nothing waits at it: its operation ends, or what comes next begins."""
    turn = _turn_after(step)
    if (turn is None or turn.operation_id != step.operation_id) and was_last_of_its_operation(step):
        _end_operation(step, event)
    _start_if_automatic(step.batch, turn)


def _end_operation(step: Step, event: Event) -> None:
    settle_by_rule(step.batch)
    operation = Operation.objects.select_related("unit_procedure").get(pk=step.operation_id)
    if operation.status == State.COMPLETE:
        operation.batch = step.batch
        free_after_operation(operation, event=event)


def note_late_end(event: Event, step: Step) -> None:
    known = step.exceptions.filter(kind=ExceptionKind.LATE, attempt=step.attempt, data__at="end")
    if step.late_after and clock.now(step.site) > step.late_after and not known.exists():
        note_late(event, step, f"{step} ended after {clock.show(step.site, step.late_after)}.", "end")


def note_not_counted(event: Event, step: Step) -> None:
    """Every interruption of the counting while the material of a grade A step was open is an exception (R-113)."""
    binding = binding_of(step) if step.grade == Grade.A else None
    if binding is None or step.started_at is None:
        return
    unit = binding.unit
    for gap in interruptions(unit, step.started_at, clock.now(step.site)):
        start, end = (clock.show(step.site, each) for each in (gap.start, gap.end))
        raise_exception(
            event=event,
            batch=step.batch,
            step=step,
            kind=ExceptionKind.NOT_COUNTED,
            severity=Severity.HIGH,
            text=f"{unit} counted nothing from {start} to {end}, while {step.key} was open in grade A.",
            data={"unit": unit.code, "start": clock.iso(gap.start), "end": clock.iso(gap.end)},
        )


def note_late(event: Event, step: Step, text: str, at: str = "start") -> BatchException:
    return raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.LATE,
        severity=step.says.severity,
        blocks=step.says.blocks,
        text=text,
        data={"at": at},
    )


def _turn_after(step: Step) -> Turn | None:
    """The first step still to be done. What was read ahead does not know what a decision has just left out."""
    if step.read_ahead is not None and not step.says.decision:
        return step.read_ahead.turn
    waiting = Step.objects.open().filter(batch=step.batch).order_by("position")
    return next((Turn(*facts) for facts in waiting.values_list("id", "operation_id", "kind")[:1]), None)


def _start_if_automatic(batch: Batch, turn: Turn | None) -> None:
    """A calculation that nobody signs is the system's work: it is made as soon as its turn has come."""
    if turn is None or turn.kind != "calculation":
        return
    step = Step.objects.get(pk=turn.id)
    if not _is_automatic(batch, step):
        return
    dispatcher = system_user("dispatcher")
    if reasons_step_blocked(within(batch, step), dispatcher):
        return
    with act(dispatcher, "batches.compute", site=batch.site, subject=step, batch=batch) as event:
        start_above(step, event=event)
        command(step, Command.START, event=event)
        compute_if_ready(step, event=event)
        if not reasons_incomplete(step):
            finish(step, event=event)


def _is_automatic(batch: Batch, step: Step) -> bool:
    is_next = (batch.status, step.status) == (State.RUNNING, State.IDLE)
    return is_next and step.says.signature == "none"


def _record_clearance(event: Event, step: Step, verifier: User | None) -> None:
    """The room is the batch's from here; a second clearance of the same room gives it back to be cleaned."""
    room = step.room
    if room is None:
        return
    leaving = room.status == RoomStatus.IN_USE and room.batch_id == step.batch_id
    LineClearance.objects.create(
        step=step,
        attempt=step.attempt,
        by=step.performer or event.actor,
        done_at=clock.now(step.site),
        batch=step.batch,
        room=room,
        verified_by=verifier,
    )
    if leaving:
        leave_room(actor=event.actor, room=room)
    else:
        use_room(actor=event.actor, room=room, batch_id=step.batch_id, coi_id=step.batch.coi_id)
