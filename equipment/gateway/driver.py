"""Carrying out commands: requested → sent → acknowledged → confirmed by read-back, or failed.

Each step is committed before the next touches the device. Whoever is killed in between leaves a row that says how far
it got; the next one asks the device itself what is in force before it sends anything again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from equipment import services
from equipment.adapters import base
from equipment.gateway.speaking import speaking_to
from equipment.models import Command
from equipment.services.commands import MOST_ATTEMPTS
from equipment.states import CommandStatus
from mes import server_clock
from mes.accounts.models import Site, User

log = structlog.get_logger(__name__)


def drive_commands(*, actor: User, site: Site, adapters: Mapping[str, base.Adapter]) -> int:
    """Carry every command of the site as far as it will go now; how many were touched."""
    due = [command for command in _first_of_each_unit(site) if _is_due(command)]
    for command in due:
        drive(actor=actor, command=command, adapter=adapters.get(command.unit.code))
    return len(due)


def _first_of_each_unit(site: Site) -> list[Command]:
    """Commands to one unit are carried out one after the other, in the order they were asked for."""
    waiting = Command.objects.open().filter(unit__site=site).order_by("unit_id", "id")
    return list(waiting.distinct("unit_id").select_related("unit__site"))


def _is_due(command: Command) -> bool:
    return command.look_again_at is None or command.look_again_at <= server_clock.now()


def drive(*, actor: User, command: Command, adapter: base.Adapter | None) -> None:
    if adapter is None:
        reason = f"{command.unit} is not connected."
        services.fail_command(actor=actor, command=command, reason=reason)
        return
    try:
        if command.status == CommandStatus.REQUESTED:
            _send(actor, command, adapter)
        elif command.status == CommandStatus.SENT:
            _take_up_again(actor, command, adapter)
        else:
            _read_back(actor, command, adapter)
    except base.DeviceUnreachable as error:
        log.warning("device_unreachable", unit=command.unit.code, command=str(command.id))
        _give_up_in_time(actor, command, str(error))


def _send(actor: User, command: Command, adapter: base.Adapter) -> None:
    claimed = _claim(actor, command)
    if claimed is not None:
        _deliver(actor, claimed, adapter)


def _claim(actor: User, command: Command) -> Command | None:
    """Take the command in hand, unless somebody else is doing so at this moment."""
    with transaction.atomic():
        free = Command.objects.select_for_update(skip_locked=True, of=("self",))
        found = free.filter(pk=command.pk, status=command.status).first()
        return services.send_command(actor=actor, command=found) if found else None


def _deliver(actor: User, command: Command, adapter: base.Adapter) -> None:
    order = base.Command(command.id, command.name, command.wanted(), str(command.batch_id or ""))
    with speaking_to(command.unit.code):
        ack = adapter.command(order)
    if not ack.accepted:
        services.fail_command(actor=actor, command=command, reason=ack.message)
        return
    _read_back(actor, services.acknowledge_command(actor=actor, command=command), adapter)


def _take_up_again(actor: User, command: Command, adapter: base.Adapter) -> None:
    """Sent, and nobody knows whether it arrived: the device knows."""
    if _state(command, adapter).last_command == command.id:
        note = "found in force at the device"
        done = services.acknowledge_command(actor=actor, command=command, note=note)
        _read_back(actor, done, adapter)
    elif command.attempts >= MOST_ATTEMPTS or _is_too_late(command):
        reason = f"The device did not take it in {command.attempts} attempts."
        services.fail_command(actor=actor, command=command, reason=reason)
    else:
        _send(actor, command, adapter)


def _read_back(actor: User, command: Command, adapter: base.Adapter) -> None:
    state = _state(command, adapter)
    shown: dict[str, Any] = {"mode": state.mode, "setpoints": dict(state.setpoints)}
    differences = _differences(command, state)
    if not differences:
        services.confirm_command(actor=actor, command=command, read_back=shown)
    elif _is_too_late(command):
        reason = f"The device shows something else: {', '.join(differences)}."
        services.fail_command(actor=actor, command=command, reason=reason, read_back=shown)


def _state(command: Command, adapter: base.Adapter) -> base.DeviceState:
    with speaking_to(command.unit.code):
        return adapter.state()


def _differences(command: Command, state: base.DeviceState) -> list[str]:
    """What the device shows otherwise than asked for, in words."""
    if state.mode != command.name:
        return [f"state “{state.mode}”"]
    page = command.unit.page.command(command.name)
    found = []
    for name, wanted in command.wanted().items():
        setpoint = page.setpoint(name) if page else None
        shown = state.setpoints.get(name)
        if shown is None or setpoint is None or abs(shown - wanted) > setpoint.tolerance:
            found.append(f"{name} {shown}")
    return found


def _give_up_in_time(actor: User, command: Command, reason: str) -> None:
    current = Command.objects.select_related("unit__site").get(pk=command.pk)
    exhausted = current.status == CommandStatus.SENT and current.attempts >= MOST_ATTEMPTS
    if exhausted or _is_too_late(current):
        services.fail_command(actor=actor, command=current, reason=reason)
    elif current.status == CommandStatus.SENT and _is_due(current):
        # Nobody could be asked whether it arrived: the attempt counts, and the next look tells.
        services.send_command(actor=actor, command=current)


def _is_too_late(command: Command) -> bool:
    return command.give_up_at is not None and command.give_up_at <= server_clock.now()
