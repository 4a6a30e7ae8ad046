"""What the bound unit shows while a step runs: set-point, newest value, its age and how far to trust it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from batches.models import Step
from batches.states import State
from equipment import queries as equipment
from equipment.models import Command, Unit
from equipment.states import CommandStatus
from mes import clock

RUNS = (State.RUNNING, State.HELD)
UNITS_OF_TIME = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def live_at(step: Step, unit: Unit) -> list[dict[str, Any]]:
    """One line for each tag, those with a set-point first, also where the unit does not measure what it was set to;
    nothing when the step does not run."""
    if step.status not in RUNS:
        return []
    asked = _asked_of(step, unit)
    now = clock.now(step.site)
    lines = [_line(each, asked.get(each.tag), now) for each in equipment.live_values(unit)]
    measured = {line["tag"] for line in lines}
    lines += [_not_measured(unit, tag, point) for tag, point in asked.items() if tag not in measured]
    return sorted(lines, key=lambda line: line["setpoint"] is None)


def age_words(age: timedelta) -> str:
    """Two seconds, or five minutes: the largest unit of time that is full."""
    for size, name in UNITS_OF_TIME:
        if age >= size:
            return f"{age // size} {name}"
    return f"{max(0, int(age.total_seconds()))} s"


def _asked_of(step: Step, unit: Unit) -> dict[str, dict[str, str]]:
    """The set-points of what this batch told the unit last, unless it failed; the newest command comes first."""
    given = Command.objects.filter(unit=unit, batch_id=step.batch_id)
    command = given.exclude(status=CommandStatus.FAILED).first()
    return command.setpoints if command else {}


def _not_measured(unit: Unit, tag: str, asked: dict[str, str]) -> dict[str, Any]:
    line = {"tag": tag, "label": unit.page.setpoint_label(tag), "setpoint": asked["value"], "unit": asked["unit"]}
    return line | {"value": None, "at": None, "age": None, "quality": "good", "state": "not_measured"}


def _line(live: equipment.LiveValue, asked: dict[str, str] | None, now: Any) -> dict[str, Any]:
    return {
        "tag": live.tag,
        "label": live.label,
        "setpoint": asked["value"] if asked else None,
        "value": None if live.value is None else f"{live.value:.{live.decimals}f}",
        "unit": live.unit,
        "at": clock.iso(live.at) if live.at else None,
        "age": age_words(now - live.at) if live.at else None,
        "quality": live.quality,
        "state": live.state,
    }
