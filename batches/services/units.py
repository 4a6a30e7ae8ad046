"""Units and rooms: bound by scan, commanded, freed when the work in them is done."""

from __future__ import annotations

from batches.errors import Incomplete
from batches.models import Batch, Operation, Step, StepCommand, UnitBinding
from batches.queries.gates import binding_of, clearance_in_force
from batches.queries.missing import last_command
from batches.services.capture import note_capture
from batches.services.locks import lock_step
from batches.services.running import look_again_if_overdue, require_identified, require_place
from batches.states import State
from equipment.errors import RoomUnfit, UnitUnfit, UnknownUnit
from equipment.models import Command as UnitCommand
from equipment.models import Room, Unit
from equipment.queries import find_unit, reasons_room_unfit, reasons_unfit
from equipment.services import check_use, confirm_by_hand, move_to_safety, occupy, request_command, vacate
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, Reason, WrongState
from mes.phrases import Phrase
from mes.quantities import Quantity
from mes.records.models import Event
from mes.records.services import act
from recipes.document import Command as CommandSpec


def bind_unit(*, actor: User, step: Step, code: str) -> Step:
    """Bind the scanned unit to the step; where the step clears a line, the scanned room.

    A unit with a command of this step is sent it at once.
    """
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.bind_unit", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_identified(step, actor)
        event.data["scanned"] = code
        note_capture(event, step, f"The scan of {code}")
        room = Room.objects.filter(site=step.site, code=code).first()
        if room is not None and step.kind == "line_clearance":
            _take_room(step, room)
        else:
            _take_unit(actor, step, find_unit(step.site, code))
        require_place(step, actor)  # what was scanned may stand elsewhere
        look_again_if_overdue(step)
    return step


def send_command(*, actor: User, step: Step) -> Step:
    """Send the step's command to its unit, again after a failure. The step completes when it is read back.

    Where the unit takes no commands, the actor confirms that they have done it there.
    """
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.send_command", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_identified(step, actor)
        if step.says.command is None:
            raise InvalidInput(Phrase("Step {step} has no command.", step=step), step=step.key)
        binding = binding_of(step)
        if binding is None:
            missing = Reason("unit_missing", "Scan the unit first.", step.says.equipment or "")
            raise Incomplete.by([missing], "There is no unit to command.")
        _refuse_second_command(step)
        command = _request(actor, step, binding.unit, step.says.command)
        note_capture(event, step, f"The command to {binding.unit}")
        if not binding.unit.takes_commands:
            confirm_by_hand(actor=actor, command=command)
    return step


def command_if_bound(actor: User, step: Step) -> None:
    """Inside an act: give the step's command to the unit that stands for its equipment, if one does and takes it."""
    order = step.says.command
    binding = binding_of(step) if order else None
    if order is not None and binding is not None and binding.unit.takes_commands:
        _request(actor, step, binding.unit, order)


def _request(actor: User, step: Step, unit: Unit, order: CommandSpec) -> UnitCommand:
    setpoints = {
        tag: Quantity(point.value, point.unit) for tag, point in order.setpoints.items() if point.value is not None
    }
    command = request_command(
        actor=actor,
        unit=unit,
        name=order.name,
        setpoints=setpoints,
        batch_id=step.batch_id,
        step_id=step.id,
    )
    now = clock.now(step.site)
    StepCommand.objects.create(step=step, attempt=step.attempt, by=actor, done_at=now, command=command)
    step.due_at = now
    step.save(update_fields=["due_at"])
    return command


def make_unit_of_step_safe(actor: User, step: Step) -> None:
    """Inside the act that aborts a step: what it had its unit do is ended. The step waits for the answer."""
    binding = binding_of(step) if step.says.command else None
    if binding is not None:
        move_to_safety(actor=actor, unit=binding.unit, batch_id=step.batch_id, step_id=step.id)


def check_units(step: Step, verifier: User) -> None:
    """Who verifies a step also looked at the unit that was taken in it."""
    if step.says.equipment:
        for binding in step.bindings.select_related("unit__site"):
            check_use(actor=verifier, unit=binding.unit, batch_id=step.batch_id)


def free_units(batch: Batch, *, event: Event) -> None:
    """At the end of a batch nothing stays bound to it."""
    for binding in _bound(batch):
        _free(binding, event)


def free_after_operation(operation: Operation, *, event: Event) -> None:
    """A workstation belongs to a batch only while it works there; the unit of the procedure stays to its end."""
    kept = {
        procedure.equipment
        for procedure in operation.batch.unit_procedures.all()
        if procedure.status != State.COMPLETE and procedure.position <= operation.unit_procedure.position + 1
    }
    if operation.unit_procedure.status != State.COMPLETE:
        kept.add(operation.unit_procedure.equipment)
    for binding in _bound(operation.batch):
        if binding.alias not in kept:
            _free(binding, event)


def default_room(step: Step) -> Room | None:
    """Where the line was cleared for this batch before, it is cleared again."""
    clearance = clearance_in_force(step.batch) if step.kind == "line_clearance" else None
    return clearance.room if clearance else None


def _take_room(step: Step, room: Room) -> None:
    grade = step.grade if step.grade and step.grade != "A" else room.grade
    reasons = reasons_room_unfit(room, grade=grade, batch_id=step.batch_id)
    if reasons:
        raise RoomUnfit.by(reasons, Phrase("Room {room} cannot be cleared for this batch.", room=room))
    step.room = room
    step.save(update_fields=["room"])


def _take_unit(actor: User, step: Step, unit: Unit) -> None:
    alias = step.says.equipment
    if not alias:
        raise UnknownUnit(Phrase("Step {step} uses no equipment.", step=step), scanned=unit.code)
    now = clock.now(step.site)
    reasons = reasons_unfit(unit, class_code=step.unit_class, batch_id=step.batch_id, at=now)
    if reasons:
        raise UnitUnfit.by(reasons, Phrase("{unit} cannot be used for this step.", unit=unit))
    bound = binding_of(step)
    if bound is not None and bound.unit_id != unit.id:
        raise WrongState(
            Phrase("“{alias}” is {unit} in this batch.", alias=alias, unit=bound.unit), unit=bound.unit.code
        )
    if step.kind == "line_clearance" and step.room_id is None:
        _take_room(step, unit.room)
    if bound is None:
        occupy(actor=actor, unit=unit, batch_id=step.batch_id, coi_id=step.batch.coi_id)
        UnitBinding.objects.create(batch=step.batch, step=step, alias=alias, unit=unit, since=now)
        command_if_bound(actor, step)


def _refuse_second_command(step: Step) -> None:
    command = last_command(step)
    if command is not None and command.status != "failed":
        raise WrongState("The command has been sent.", state=command.status)


def _bound(batch: Batch) -> list[UnitBinding]:
    found = UnitBinding.objects.filter(batch=batch, until__isnull=True)
    return list(found.select_related("unit__site"))


def _free(binding: UnitBinding, event: Event) -> None:
    binding.until = clock.now(binding.unit.site)
    binding.save(update_fields=["until"])
    still_used = UnitBinding.objects.filter(batch=binding.batch_id, unit=binding.unit_id, until__isnull=True)
    if not still_used.exists():
        vacate(actor=event.actor, unit=binding.unit, batch_id=binding.batch_id)
