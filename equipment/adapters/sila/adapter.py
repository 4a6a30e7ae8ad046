"""SiLA 2 behind the verbs of every adapter: changes are collected as they come, the rest is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from equipment.adapters.base import Ack, Command, Connection, DeviceState, DeviceUnreachable, Identity, Reading
from equipment.adapters.mapped import CannotWrite, measured, read_map, wanted_setpoints
from equipment.adapters.sila.tag_map import COMMAND_ID, Mode, Property, TagMap
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass

if TYPE_CHECKING:
    from equipment.adapters.sila.line import Line

T = TypeVar("T")


class SilaAdapter:
    """Keeps one line and opens it anew when it is lost. The map is read with it, so that a mended one counts."""

    def __init__(self, page: EquipmentClass, map_file: Path, clock: Callable[[], datetime]) -> None:
        self.page, self.map_file, self.clock = page, map_file, clock
        self._map: TagMap | None = None
        self._line: Line | None = None

    @property
    def map(self) -> TagMap:
        if self._map is None:
            self._map = read_map(TagMap, self.map_file, self.page)
        return self._map

    def identify(self) -> Identity:
        """Vendor, server type, server UUID and version, as its SiLAService says."""
        return Identity(*self._ask(lambda line: line.identity()))

    def units_of_measure(self) -> dict[str, str]:
        """As the feature says by a unit constraint; where it says nothing, as the map does."""
        return {name: self._unit(place) or place.unit for name, place in self.map.tags.items()}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """Every change since the last call; what has not changed is asked for."""
        wanted = [name for name in tags if name in self.map.tags]
        now = self.clock()
        told = self._ask(lambda line: line.changes())
        changed = [
            self._reading(name, each.value, each.at)
            for each in told
            for name in wanted
            if self.map.tags[name].property == each.property
        ]
        heard = {each.tag for each in changed}
        asked = [self._asked(name, now) for name in wanted if name not in heard]
        return sorted([*changed, *asked], key=lambda reading: reading.at)

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """What the device tells is collected from the first call on, and handed out by `read`."""

    def state(self) -> DeviceState:
        mode = self.map.mode
        shown = {name: self._number(place) for name, place in self.map.setpoints.items()}
        return DeviceState(
            mode=mode.state_of(self._value(mode)) if mode else "",
            setpoints={name: value for name, value in shown.items() if value is not None},
            last_command=self._last_command(),
            at=self.clock(),
        )

    def command(self, command: Command) -> Ack:
        try:
            self._move_to(command)
        except CannotWrite as refusal:
            return Ack(command.id, accepted=False, message=str(refusal))
        return Ack(command.id, accepted=True)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._map = None

    def _move_to(self, command: Command) -> None:
        order, present = self.map.commands.get(command.name), self.state()
        if order is None:
            raise CannotWrite(f"The tag map has no command for “{command.name}”.")
        if present.last_command == command.id:
            return
        wanted = wanted_setpoints(command, present, self.page, self.map.setpoints)
        known: dict[str, Any] = {**present.setpoints, **wanted}
        missing = sorted(set(order.parameters.values()) - known.keys() - {COMMAND_ID})
        if missing:
            raise CannotWrite(f"{order.command} needs {', '.join(missing)}.")
        told = {name: self._told(known, what, command) for name, what in order.parameters.items()}
        self._ask(lambda line: line.call(order.command, told))

    def _told(self, known: dict[str, float], what: str, command: Command) -> float | str:
        if what == COMMAND_ID:
            return str(command.id)
        place = self.map.setpoints[what]
        return float((known[what] - place.offset) / place.scale)

    # --- values ---

    def _asked(self, name: str, now: datetime) -> Reading:
        value = self._ask(lambda line: line.unchanged(self.map.tags[name].property))
        return self._reading(name, value, now)

    def _reading(self, name: str, value: Any, at: datetime) -> Reading:
        place = self.map.tags[name]
        number = _number(place, _part(place, value))
        return measured(self.page, name, place, number, at=at, now=self.clock(), unit=self._unit(place))

    def _unit(self, place: Property) -> str:
        return "" if place.element else self._ask(lambda line: line.unit(place.property))

    def _value(self, place: Property | Mode) -> Any:
        return _part(place, self._ask(lambda line: line.value(place.property)))

    def _number(self, place: Property) -> float | None:
        return _number(place, self._value(place))

    def _last_command(self) -> UUID | None:
        name = self.map.last_command
        with suppress(ValueError):
            return UUID(str(self._ask(lambda line: line.value(name)))) if name else None
        return None

    # --- the line ---

    def _ask(self, question: Callable[[Line], T]) -> T:
        """A kept line that was lost meanwhile is opened anew, once, with the next call."""
        from equipment.adapters.sila.line import LineLost

        place = f"{self.map.host}:{self.map.port}"
        try:
            return question(self._opened())
        except LineLost as error:
            self.close()
            raise DeviceUnreachable(f"{place} does not answer: {error}.") from error

    def _opened(self) -> Line:
        # Half a second to import: only the process that speaks with the device pays for it.
        from equipment.adapters.sila.line import Line

        if self._line is None:
            self._line = Line(self.map, self.map_file.parent, self.clock)
            for name in dict.fromkeys(place.property for place in self.map.tags.values()):
                self._line.listen(name)
        return self._line


def _part(place: Property | Mode, value: Any) -> Any:
    """The element of a structure; None where it has none of that name."""
    return getattr(value, place.element, None) if place.element else value


def _number(place: Property, value: Any) -> float | None:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) * place.scale + place.offset


def open_sila(connection: Connection) -> SilaAdapter:
    """The unit's address is the name of its tag map, a file in the gateway's directory for SiLA at this site."""
    map_file = connection.directory / Path(connection.address).name
    return SilaAdapter(EQUIPMENT_CLASSES[connection.class_code], map_file, connection.clock)
