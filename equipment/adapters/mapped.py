"""What all adapters with a tag map do alike: read the map, judge a value by it, and work out what is to be written."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from equipment.adapters.base import Command, DeviceState, DeviceUnreachable, Quality, Reading
from equipment.classes import EquipmentClass


class CannotWrite(Exception):
    """The device, or what it can hold, refuses the value."""


class Part(BaseModel):
    """A piece of a map. An error does not repeat what was written: there may be a password in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Place(Part):
    """One number, in `unit`. `low` and `high` bound what the instrument can show, where that is less than the class."""

    unit: str = ""
    low: float = -math.inf
    high: float = math.inf


class Map(Protocol):
    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""


M = TypeVar("M", bound=Map)


def read_map(kind: type[M], file: Path, page: EquipmentClass) -> M:
    """The map in a file; DeviceUnreachable when there is none, or none of this class."""
    try:
        found = kind.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))  # type: ignore[attr-defined]
        found.check_against(page)
    except (OSError, yaml.YAMLError, ValidationError, ValueError) as error:
        raise DeviceUnreachable(f"The tag map {file.name} cannot be used: {error}") from error
    return found  # type: ignore[no-any-return]


def check_names(
    page: EquipmentClass,
    *,
    tags: Collection[str],
    setpoints: Mapping[str, Place],
    states: Collection[str],
    passed: Collection[str] = (),
) -> None:
    """ValueError for what the class page does not have. `passed` are set-points that are told, but never read."""
    known = {each.name: each.unit for command in page.commands for each in command.setpoints}
    named = {
        "tag": set(tags) - {tag.name for tag in page.tags},
        "set-point": (setpoints.keys() | set(passed)) - known.keys(),
        "state": set(states) - {each.name for each in page.commands},
    }
    for what, unknown in named.items():
        if unknown:
            raise ValueError(f"{page.name} has no {what} {', '.join(sorted(unknown))}.")
    for name, place in setpoints.items():
        if place.unit != known[name]:
            raise ValueError(f"Set-point {name} is in {known[name]}, not in {place.unit or 'no unit'}.")


def wanted_setpoints(
    command: Command, present: DeviceState, page: EquipmentClass, setpoints: Mapping[str, Place]
) -> dict[str, float]:
    """What is to be in force. What is left out stays in the same state; another state starts from the page's defaults.

    CannotWrite for what the map does not have, or bounds more narrowly.
    """
    order = page.command(command.name)
    defaults = order.defaults() if order and present.mode != command.name else {}
    usual = {name: value for name, value in defaults.items() if name in setpoints}
    wanted = {**usual, **command.setpoints}
    for name, value in wanted.items():
        place = setpoints.get(name)
        if place is None:
            raise CannotWrite(f"The tag map has no set-point “{name}”.")
        if not place.low <= value <= place.high:
            raise CannotWrite(f"{name} {value:g} is outside {place.low:g} to {place.high:g} {place.unit}.")
    return wanted


def measured(
    page: EquipmentClass,
    name: str,
    place: Place,
    value: float | None,
    *,
    at: datetime,
    now: datetime,
    unit: str = "",
    quality: Quality = Quality.GOOD,
) -> Reading:
    """A reading as good as it can be: none without a number or in another unit of measure, bad outside its range.

    `unit` is what the device says by itself, where it says anything.
    """
    tag = page.tag(name)
    if value is None or tag is None or {place.unit, unit or place.unit} != {tag.unit}:
        return Reading(name, None, at, now, Quality.BAD)
    inside = max(tag.low, place.low) <= value <= min(tag.high, place.high)
    return Reading(name, value, at, now, quality if inside else Quality.BAD)


def as_single(value: float) -> float:
    """The number somebody meant who sent it in single precision: 37.6, not 37.59999847. Infinities stay."""
    if not math.isfinite(value):
        return value
    written = (float(f"{value:.{digits}g}") for digits in range(6, 9))
    return next((each for each in written if struct.pack("f", each) == struct.pack("f", value)), value)
