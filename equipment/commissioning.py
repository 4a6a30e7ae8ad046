"""The commissioning check: is the device behind the connection the one its class page describes? Plain judgement.

Nothing is taken for granted: what a device does not tell is "not done", with the reason, and the check is then
incomplete. Only a check of which every line passed has passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID, uuid5

from equipment.adapters.base import Adapter, Command, DeviceState, DeviceUnreachable, Quality, Reading
from equipment.classes import CommandPage, EquipmentClass, Tag

SETTLES_WITHIN = 3.0  # seconds a device may take to show the state it was moved to
BETWEEN_LOOKS = 0.1
RESTING = "idle"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: what was expected, what was found."""

    what: str
    expected: str
    found: str
    outcome: Outcome

    def as_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


@runtime_checkable
class TellsUnits(Protocol):
    """An adapter that knows in which unit of measure the device gives each tag."""

    def units_of_measure(self) -> Mapping[str, str]: ...


def overall(lines: list[Line]) -> str:
    """passed, failed, or incomplete where something could not be looked at."""
    found = {line.outcome for line in lines}
    if Outcome.FAILED in found or not lines:
        return "failed"
    return "incomplete" if Outcome.NOT_DONE in found else "passed"


def look_over(adapter: Adapter, page: EquipmentClass, newest: Mapping[str, Reading]) -> list[Line]:
    """Who it is, in which units of measure it speaks, and every tag of the class page."""
    return [
        _told("Identity", "manufacturer and model", lambda: _identity(adapter)),
        _told("Units of measure", "as on the class page", lambda: _units(adapter, page)),
        *(_tag(tag, newest.get(tag.name)) for tag in page.tags),
    ]


def try_safe_state(adapter: Adapter, page: EquipmentClass, check_id: UUID) -> list[Line]:
    """Move the device to the safe state of its class, read that back, and move it back to where it was found.

    The ids come from the check, so that doing it again after a crash does not do it twice.
    """
    safe = page.command(page.safe)
    if safe is None:
        return []
    what, expected = "Write and read back", _state_words(safe, safe.name, safe.safe_values())
    try:
        before = adapter.state()
        if not before.mode:
            return [Line(what, expected, "The device is connected for reading only.", Outcome.NOT_DONE)]
        written = _moved(adapter, safe, Command(check_id, safe.name, safe.safe_values()), what)
        return [written, _put_back(adapter, page, before, check_id)]
    except DeviceUnreachable as error:
        return [Line(what, expected, str(error), Outcome.FAILED)]


def _put_back(adapter: Adapter, page: EquipmentClass, before: DeviceState, check_id: UUID) -> Line:
    """Only to rest or to other set-points of the safe state: any other state would be an act on material."""
    command = page.command(before.mode)
    words = _state_words(command, before.mode, before.setpoints)
    if command is None or before.mode not in (RESTING, page.safe):
        return Line("Put back", words, f"It was left in “{page.safe}”.", Outcome.NOT_DONE)
    setpoints = {name: value for name, value in before.setpoints.items() if command.setpoint(name)}
    return _moved(adapter, command, Command(uuid5(check_id, "back"), before.mode, setpoints), "Put back")


def _moved(adapter: Adapter, page: CommandPage, command: Command, what: str) -> Line:
    expected = _state_words(page, command.name, command.setpoints)
    ack = adapter.command(command)
    if not ack.accepted:
        return Line(what, expected, ack.message or "The device refused.", Outcome.FAILED)
    deadline = time.monotonic() + SETTLES_WITHIN
    state = adapter.state()
    while not _shows(state, command, page) and time.monotonic() < deadline:
        time.sleep(BETWEEN_LOOKS)
        state = adapter.state()
    found = _state_words(page, state.mode, {name: state.setpoints.get(name) for name in command.setpoints})
    return Line(what, expected, found, Outcome.PASSED if _shows(state, command, page) else Outcome.FAILED)


def _shows(state: DeviceState, command: Command, page: CommandPage) -> bool:
    return state.mode == command.name and all(
        _agrees(page, name, wanted, state.setpoints.get(name)) for name, wanted in command.setpoints.items()
    )


def _agrees(page: CommandPage, name: str, wanted: float, shown: float | None) -> bool:
    setpoint = page.setpoint(name)
    return setpoint is not None and shown is not None and abs(shown - wanted) <= setpoint.tolerance


def _told(what: str, expected: str, ask: Callable[[], tuple[str, Outcome]]) -> Line:
    try:
        found, outcome = ask()
    except DeviceUnreachable as error:
        found, outcome = str(error), Outcome.FAILED
    return Line(what, expected, found, outcome)


def _identity(adapter: Adapter) -> tuple[str, Outcome]:
    told = adapter.identify()
    parts = {"serial": told.serial, "firmware": told.firmware}
    known = [told.manufacturer, told.model, *(f"{name} {value}" for name, value in parts.items() if value)]
    if not (told.manufacturer and told.model):
        return " ".join(part for part in known if part) or "The device does not say who it is.", Outcome.NOT_DONE
    return ", ".join(known), Outcome.PASSED


def _units(adapter: Adapter, page: EquipmentClass) -> tuple[str, Outcome]:
    if not isinstance(adapter, TellsUnits):
        return "The connection does not tell units of measure.", Outcome.NOT_DONE
    told = adapter.units_of_measure()
    others = [
        f"{tag.label} in {told[tag.name] or 'no unit'} instead of {tag.unit}"
        for tag in page.tags
        if tag.name in told and told[tag.name] != tag.unit
    ]
    return ("; ".join(others), Outcome.FAILED) if others else ("as on the class page", Outcome.PASSED)


def _tag(tag: Tag, reading: Reading | None) -> Line:
    expected = f"{tag.low:g} to {tag.high:g} {tag.unit}"
    if reading is None:
        return Line(tag.label, expected, "The device gave no value.", Outcome.NOT_DONE)
    if reading.value is None:
        return Line(tag.label, expected, "Bad: no usable value.", Outcome.FAILED)
    inside = tag.low <= reading.value <= tag.high and reading.quality is Quality.GOOD
    found = f"{reading.value:.{tag.decimals}f} {tag.unit}, {reading.quality}"
    return Line(tag.label, expected, found, Outcome.PASSED if inside else Outcome.FAILED)


def _state_words(page: CommandPage | None, mode: str, setpoints: Mapping[str, float | None]) -> str:
    """For example: incubate, temperature 37 °C, co2 5 %."""
    return ", ".join([mode, *(_setpoint_words(page, name, value) for name, value in setpoints.items())])


def _setpoint_words(page: CommandPage | None, name: str, value: float | None) -> str:
    if value is None:
        return f"{name} not shown"
    setpoint = page.setpoint(name) if page else None
    return f"{name} {value:g} {setpoint.unit if setpoint else ''}".rstrip()
