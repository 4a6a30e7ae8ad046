"""Faults on command: what a simulated device can be made to suffer, to see that Baton notices.

They lie in a file beside the device's memory (`manage.py simulate_fault` writes it), so that a running gateway sees
them at its next look and a restarted one goes on with them.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from equipment.adapters.base import DeviceUnreachable


class FaultKind(StrEnum):
    DROP_OUT = "drop_out"
    SLOW_ANSWER = "slow_answer"
    DRIFT = "drift"
    STUCK = "stuck"
    WRONG_UNIT = "wrong_unit"
    DOOR_OPEN = "door_open"


OF_ONE_TAG = frozenset({FaultKind.DRIFT, FaultKind.STUCK, FaultKind.WRONG_UNIT})
WITH_AMOUNT = {FaultKind.DRIFT: "change per hour, in the tag's unit", FaultKind.SLOW_ANSWER: "seconds to each answer"}
MOST_SECONDS = 5.0  # a device slower than this counts as one that does not answer (equipment.adapters.base)

# What an instrument shows that was set to another unit of measure, by the unit it should show.
_OTHER_UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "°C": ("°F", lambda value: value * 9 / 5 + 32),
    "%": ("1", lambda value: value / 100),
    "10⁶/mL": ("1/mL", lambda value: value * 1e6),
    "rpm": ("1/s", lambda value: value / 60),
}


@dataclass(frozen=True)
class Fault:
    """One fault from `since` on, in process time, `until` its end if it has one. `amount`: see WITH_AMOUNT."""

    kind: FaultKind
    since: datetime
    until: datetime | None = None
    tag: str = ""
    amount: float = 0.0

    def is_on(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Faults:
    """The faults of one device, read again at every answer when their file has changed."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._read_at = 0
        self._all: list[Fault] = []
        self._last_shown: dict[str, float] = {}
        self.look()

    def look(self) -> None:
        if self.path is None or not self.path.exists():
            return
        changed = self.path.stat().st_mtime_ns
        if changed != self._read_at:
            self._all = [_from_json(line) for line in json.loads(self.path.read_text())]
            self._read_at = changed

    def at(self, moment: datetime) -> list[Fault]:
        return [fault for fault in self._all if fault.is_on(moment)]

    def put(self, faults: Iterable[Fault]) -> None:
        """Suffer exactly these; none at all heals the device."""
        if self.path is None:
            self._all = list(faults)
            return
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(json.dumps([_as_json(fault) for fault in faults]))
        unfinished.replace(self.path)

    def delay_answer(self, moment: datetime, wait: Callable[[float], object]) -> None:
        """Let the caller wait as long as a slow device would. DeviceUnreachable when it gives none in time."""
        self.look()
        kinds = {fault.kind: fault for fault in self.at(moment)}
        if FaultKind.DROP_OUT in kinds:
            raise DeviceUnreachable("The device was told to drop out.")
        slow = kinds.get(FaultKind.SLOW_ANSWER)
        if slow is not None:
            wait(min(slow.amount, MOST_SECONDS))
            if slow.amount > MOST_SECONDS:
                raise DeviceUnreachable(f"No answer within {MOST_SECONDS:g} s.")

    def shown(self, tag: str, unit: str, value: float, at: datetime) -> float:
        """What the instrument shows for what it measures."""
        for fault in self.at(at):
            if fault.tag == tag:
                value = self._distorted(fault, unit, value, at)
        self._last_shown[tag] = value
        return value

    def unit_shown(self, tag: str, unit: str, at: datetime) -> str:
        wrong = any(fault.kind is FaultKind.WRONG_UNIT and fault.tag == tag for fault in self.at(at))
        return _OTHER_UNITS[unit][0] if wrong else unit

    def door_is_open(self, at: datetime) -> bool:
        return any(fault.kind is FaultKind.DOOR_OPEN for fault in self.at(at))

    def _distorted(self, fault: Fault, unit: str, value: float, at: datetime) -> float:
        if fault.kind is FaultKind.STUCK:
            return self._last_shown.get(fault.tag, value)
        if fault.kind is FaultKind.WRONG_UNIT:
            return _OTHER_UNITS[unit][1](value)
        return value + fault.amount * (at - fault.since).total_seconds() / 3600


def has_other_unit(unit: str) -> bool:
    return unit in _OTHER_UNITS


def _as_json(fault: Fault) -> dict[str, object]:
    until = fault.until.isoformat() if fault.until else None
    return asdict(fault) | {"since": fault.since.isoformat(), "until": until}


def _from_json(line: dict[str, object]) -> Fault:
    until = line["until"]
    return Fault(
        FaultKind(str(line["kind"])),
        datetime.fromisoformat(str(line["since"])),
        datetime.fromisoformat(str(until)) if until else None,
        str(line["tag"]),
        float(str(line["amount"])),
    )
