"""Acts on commands: asked for by a person or a worker, carried out by the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from equipment.classes import CommandPage, Setpoint
from equipment.errors import NotInThisUnit
from equipment.models import Command, Unit
from equipment.services.units import lock
from equipment.states import COMMAND, CommandStatus, UnitStatus
from equipment.terminals.queries import require_terminal
from mes import clock, server_clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, WrongState
from mes.phrases import Phrase
from mes.quantities import Quantity, convert
from mes.records.services import act

CHANNEL = "equipment_command"
MOST_ATTEMPTS = 3
BETWEEN_ATTEMPTS = timedelta(seconds=2)
GIVE_UP_AFTER = timedelta(seconds=30)
# Units that say nothing: a pH and a pure number are written with and without them.
_BARE = frozenset({"", "1", "pH"})


def request_command(
    *,
    actor: User,
    unit: Unit,
    name: str,
    setpoints: Mapping[str, Quantity] | None = None,
    batch_id: UUID | None = None,
    step_id: UUID | None = None,
    to_safety: bool = False,
) -> Command:
    """Ask for a unit to be moved to a state. The row is the order; the gateway is only woken sooner by the notice.

    InvalidInput for a command or set-point its class does not have, a unit that cannot be converted, or a value outside
    the equipment's range; NotInThisUnit when the unit holds another batch than the one named.
    """
    require(actor, "equipment.command", unit.site)
    if not to_safety:  # nobody is kept from that
        require_terminal(actor, unit.site, lambda: unit.room)
    page = unit.page.command(name)
    if page is None:
        known = [each.name for each in unit.page.commands]
        raise InvalidInput(
            Phrase("{unit} has no command “{name}”.", unit=unit.page.name, name=name), field="name", known=known
        )
    wanted = {tag: _checked(page, tag, value) for tag, value in (setpoints or {}).items()}
    with act(actor, "equipment.request_command", site=unit.site, subject=unit, batch=batch_id) as event:
        locked = lock(unit)
        _check_in_use_by(locked, batch_id)
        command = Command.objects.create(
            unit=locked,
            name=name,
            setpoints=wanted,
            batch_id=batch_id,
            step_id=step_id,
            to_safety=to_safety,
            requested_by=actor,
            requested_at=clock.now(unit.site),
        )
        event.data |= {"command": str(command.id), "name": name, "setpoints": wanted}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, unit.site.code])
    return command


def _checked(page: CommandPage, tag: str, asked: Quantity) -> dict[str, str]:
    setpoint = page.setpoint(tag)
    if setpoint is None:
        known = [each.name for each in page.setpoints]
        raise InvalidInput(
            Phrase("“{name}” has no set-point “{tag}”.", name=page.name, tag=tag), field=tag, known=known
        )
    value = _in_unit_of(setpoint, asked)
    if not Decimal(str(setpoint.low)) <= value <= Decimal(str(setpoint.high)):
        raise InvalidInput(
            Phrase(
                "{tag} {value:f} {unit} is outside what the equipment can do: {low:g} to {high:g} {unit}.",
                tag=tag,
                value=value,
                unit=setpoint.unit,
                low=setpoint.low,
                high=setpoint.high,
            ),
            field=tag,
        )
    return {"value": f"{value:f}", "unit": setpoint.unit}


def _in_unit_of(setpoint: Setpoint, asked: Quantity) -> Decimal:
    if asked.unit == setpoint.unit or {asked.unit, setpoint.unit} <= _BARE:
        return asked.value
    return convert(asked, setpoint.unit).value


def _check_in_use_by(unit: Unit, batch_id: UUID | None) -> None:
    if unit.status != UnitStatus.QUALIFIED:
        raise WrongState(
            Phrase("{unit} is {status}.", unit=unit, status=Phrase(unit.get_status_display().lower())),
            state=unit.status,
        )
    if not _is_in_use_by(unit, batch_id):
        inside = "another batch" if unit.occupancies.open().exists() else "no batch"
        raise NotInThisUnit(Phrase("{unit} holds {inside}.", unit=unit, inside=inside), unit=unit.code)


def _is_in_use_by(unit: Unit, batch_id: UUID | None) -> bool:
    """Is the batch in the unit? Without a batch: is nobody's in it, or is it a store?"""
    if batch_id is None:
        return unit.page.shared or not unit.occupancies.open().exists()
    return unit.occupancies.open().filter(batch_id=batch_id).exists()


def send_command(*, actor: User, command: Command) -> Command:
    """The gateway takes the command in hand, for the first time or again. WrongState when somebody else already has."""
    with act(
        actor,
        "equipment.send_command",
        site=command.site,
        subject=command,
        batch=command.batch_id,
    ) as event:
        locked = _lock(command)
        now = server_clock.now()
        again = locked.status == CommandStatus.SENT
        if again and locked.attempts >= MOST_ATTEMPTS:
            raise WrongState(
                Phrase("{command} was sent {attempts} times.", command=locked, attempts=locked.attempts),
                state=locked.status,
            )
        COMMAND.move(locked, "resend" if again else "send", event=event)
        locked.attempts += 1
        locked.sent_at = clock.now(locked.site)
        locked.look_again_at = now + BETWEEN_ATTEMPTS
        locked.give_up_at = locked.give_up_at or now + GIVE_UP_AFTER
        locked.save(update_fields=["attempts", "sent_at", "look_again_at", "give_up_at"])
    return locked


def acknowledge_command(*, actor: User, command: Command, note: str = "") -> Command:
    """The device has taken the command; whether it does it is read back next."""
    with act(
        actor,
        "equipment.acknowledge_command",
        site=command.site,
        subject=command,
        batch=command.batch_id,
        data={"note": note} if note else {},
    ) as event:
        locked = _lock(command)
        COMMAND.move(locked, "acknowledge", event=event)
        locked.acknowledged_at = clock.now(locked.site)
        locked.look_again_at = server_clock.now()
        locked.save(update_fields=["acknowledged_at", "look_again_at"])
    return locked


def confirm_command(*, actor: User, command: Command, read_back: Mapping[str, Any]) -> Command:
    """The device says that what was asked for is in force."""
    with act(
        actor,
        "equipment.confirm_command",
        site=command.site,
        subject=command,
        batch=command.batch_id,
        data={"read_back": dict(read_back)},
    ) as event:
        locked = _lock(command)
        COMMAND.move(locked, "confirm", event=event)
        _finish(locked, clock.now(locked.site), read_back, "")
    return locked


def confirm_by_hand(*, actor: User, command: Command) -> Command:
    """A person says that the unit, which takes no commands, is in the state asked for. They are the read-back."""
    if command.unit.takes_commands:
        raise WrongState(Phrase("{unit} says for itself what is in force.", unit=command.unit), unit=command.unit.code)
    read_back = {"by_hand": actor.printed_name}
    with act(
        actor,
        "equipment.confirm_by_hand",
        site=command.site,
        subject=command,
        batch=command.batch_id,
        data={"read_back": read_back},
    ) as event:
        locked = _lock(command)
        COMMAND.move(locked, "confirm_by_hand", event=event)
        _finish(locked, clock.now(locked.site), read_back, "")
    return locked


def fail_command(*, actor: User, command: Command, reason: str, read_back: Mapping[str, Any] | None = None) -> Command:
    """Give up, and ask for the safe state of the unit instead (once: a failed safe move is left to people)."""
    with act(
        actor,
        "equipment.fail_command",
        site=command.site,
        subject=command,
        batch=command.batch_id,
        reason=reason,
    ) as event:
        locked = _lock(command)
        COMMAND.move(locked, "fail", event=event)
        _finish(locked, clock.now(locked.site), read_back or {}, reason)
        if not locked.to_safety:
            move_to_safety(actor=actor, unit=locked.unit, batch_id=locked.batch_id, step_id=locked.step_id)
    return locked


def move_to_safety(*, actor: User, unit: Unit, batch_id: UUID | None, step_id: UUID | None = None) -> Command | None:
    """Ask for the safe state that the unit's class page names, at its safe values.

    None where the class has no such state, or the unit takes no commands, or is not to be commanded for this batch.
    """
    safe = unit.page.command(unit.page.safe)
    if (
        safe is None
        or not unit.takes_commands
        or unit.status != UnitStatus.QUALIFIED
        or not _is_in_use_by(unit, batch_id)
    ):
        return None
    return request_command(
        actor=actor,
        unit=unit,
        name=safe.name,
        setpoints={each.name: Quantity(Decimal(str(each.safe)), each.unit) for each in safe.setpoints},
        batch_id=batch_id,
        step_id=step_id,
        to_safety=True,
    )


def _finish(command: Command, at: datetime, read_back: Mapping[str, Any], failure: str) -> None:
    command.finished_at, command.read_back, command.failure = at, dict(read_back), failure
    command.look_again_at = None
    command.save(update_fields=["finished_at", "read_back", "failure", "look_again_at"])


def _lock(command: Command) -> Command:
    return Command.objects.select_for_update(of=("self",)).select_related("unit__site", "unit__room").get(pk=command.pk)
