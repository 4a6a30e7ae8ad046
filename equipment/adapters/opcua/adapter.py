"""OPC UA behind the verbs of every adapter: changes are collected as they come and handed out when asked for."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from equipment.adapters.base import (
    Ack,
    Command,
    Connection,
    DeviceState,
    DeviceUnreachable,
    Identity,
    Quality,
    Reading,
)
from equipment.adapters.mapped import CannotWrite, measured, read_map, wanted_setpoints
from equipment.adapters.opcua.tag_map import COMMAND_ID, Method, TagMap, Variable, as_kind
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass

if TYPE_CHECKING:
    from equipment.adapters.opcua.line import Line, Told

T = TypeVar("T")
MOST_KEPT = 100_000  # changes nobody has asked for: hours of them
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class OpcUaAdapter:
    """Keeps one line and opens it anew when it is lost. The map is read with it, so that a mended one counts."""

    def __init__(self, page: EquipmentClass, map_file: Path, clock: Callable[[], datetime]) -> None:
        self.page = page
        self.map_file = map_file
        self.clock = clock
        self._map: TagMap | None = None
        self._line: Line | None = None
        self._changes: deque[tuple[str, Told]] = deque(maxlen=MOST_KEPT)
        self._known: dict[str, Told] = {}
        self._listened: set[str] = set()
        self._units: dict[str, str] = {}

    @property
    def map(self) -> TagMap:
        if self._map is None:
            self._map = read_map(TagMap, self.map_file, self.page)
        return self._map

    def identify(self) -> Identity:
        """The nameplate of the device the map names, or of the only one there; else what the server says of itself."""
        from equipment.adapters.opcua.nameplate import nameplate

        return self._ask(lambda line: line.ask(nameplate(line, self.map.device)))

    def units_of_measure(self) -> dict[str, str]:
        """As the server says; where it does not, as the map does."""
        self._ask(lambda line: line)
        return {name: self._units.get(tag.node, tag.unit) for name, tag in self.map.tags.items()}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """Every change since the last call. What has not changed is asked for, and is so at the server's own time."""
        self._ask(lambda line: line)
        wanted = [name for name in tags if name in self.map.tags]
        changed = [each for each in self._taken() if each.tag in wanted]
        heard = {each.tag for each in changed}
        quiet = [name for name in wanted if name not in heard]
        told = self._ask(lambda line: line.read([self.map.tags[name].node for name in quiet]))
        asked = [self._asked(name, each) for name, each in zip(quiet, told, strict=True)]
        return sorted([*changed, *(each for each in asked if each)], key=lambda reading: reading.at)

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """What the device tells is collected from the first call on, and handed out by `read`."""

    def state(self) -> DeviceState:
        status = self.map.status or self.map.mode
        nodes = [each.node for each in self.map.setpoints.values()]
        extra = [status.node if status else None, self.map.last_command]
        wanted = [*nodes, *(node for node in extra if node)]
        told = dict(zip(wanted, self._ask(lambda line: line.read(wanted)), strict=True))
        shown = {name: _number(told[each.node]) for name, each in self.map.setpoints.items()}
        return DeviceState(
            mode=status.state_of(_usable(told[status.node])) if status else "",
            setpoints={name: value for name, value in shown.items() if value is not None},
            last_command=_command_id(told.get(self.map.last_command or "")),
            at=self.clock(),
        )

    def command(self, command: Command) -> Ack:
        """Do what is not yet so: set-points first, then the state, last the id that says all of it was done."""
        try:
            self._move_to(command)
        except CannotWrite as refusal:
            return Ack(command.id, accepted=False, message=str(refusal))
        return Ack(command.id, accepted=True)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = self._map = None

    # --- readings ---

    def _taken(self) -> list[Reading]:
        """The changes of the tags, oldest first; not what a new line tells again."""
        tags = {tag.node: name for name, tag in self.map.tags.items()}
        readings = []
        for _ in range(len(self._changes)):
            node, told = self._changes.popleft()
            name = tags.get(node)
            if name is not None and not self._is_known(name, told):
                readings.append(self._learnt(name, told))
        return readings

    def _asked(self, name: str, told: Told) -> Reading | None:
        """A value that has changed since is under way as a change, and comes in its order."""
        known = self._known.get(name)
        if known is None:
            return self._learnt(name, told)
        if _same(known, told):
            return self._reading(name, told, told.server_at or self.clock())
        return None if name in self._listened else self._learnt(name, told)

    def _is_known(self, name: str, told: Told) -> bool:
        known = self._known.get(name)
        return (
            known is not None and _same(known, told) and (told.source_at or LONG_AGO) <= (known.source_at or LONG_AGO)
        )

    def _learnt(self, name: str, told: Told) -> Reading:
        self._known[name] = told
        return self._reading(name, told, told.source_at or told.server_at or self.clock())

    def _reading(self, name: str, told: Told, at: datetime) -> Reading:
        variable = self.map.tags[name]
        return measured(
            self.page,
            name,
            variable,
            _number(told),
            at=at,
            now=self.clock(),
            unit=self._unit(variable),
            quality=told.quality,
        )

    def _unit(self, variable: Variable) -> str:
        return self._units.get(variable.node, variable.unit)

    # --- commands ---

    def _move_to(self, command: Command) -> None:
        mode, method = self.map.mode, self.map.methods.get(command.name)
        if mode is None or command.name not in mode.values:
            raise CannotWrite(f"The tag map has no value for “{command.name}”.")
        present = self.state()
        if present.last_command == command.id:
            return
        wanted = self._wanted(command, present)
        passed = set(method.arguments) if method else set()
        writes: list[tuple[str, float | str]] = [
            (self.map.setpoints[name].node, value) for name, value in wanted.items() if name not in passed
        ]
        if method is None and present.mode != command.name:
            writes.append((mode.node, mode.values[command.name]))
        self._write_where_it_differs(writes)
        if method and not _is_so(command.name, {name: wanted[name] for name in passed & wanted.keys()}, present):
            self._call(command, method, {**present.setpoints, **wanted})
        if self.map.last_command and COMMAND_ID not in passed:
            self._write_where_it_differs([(self.map.last_command, str(command.id))])

    def _wanted(self, command: Command, present: DeviceState) -> dict[str, float]:
        wanted = wanted_setpoints(command, present, self.page, self.map.setpoints)
        for name in wanted:
            variable = self.map.setpoints[name]
            if self._unit(variable) != variable.unit:
                raise CannotWrite(f"The device takes {name} in {self._unit(variable)}, not in {variable.unit}.")
        return wanted

    def _write_where_it_differs(self, writes: Sequence[tuple[str, float | str]]) -> None:
        """All values are made before the first is written: what does not fit leaves the device as it was."""
        nodes = [node for node, _ in writes]
        kinds = self._ask(lambda line: line.kinds(nodes))
        made = [(node, as_kind(value, kinds[node])) for node, value in writes]
        present = self._ask(lambda line: line.read(nodes))
        for (node, value), told in zip(made, present, strict=True):
            if _usable(told) != value:
                self._write(node, value, kinds[node])

    def _write(self, node: str, value: float | str, kind: str) -> None:
        refusal = self._ask(lambda line: line.write(node, value, kind))
        if refusal:
            raise CannotWrite(f"The device refuses to write {node}: {refusal}.")

    def _call(self, command: Command, method: Method, setpoints: dict[str, float]) -> None:
        known: dict[str, float | str] = {**setpoints, COMMAND_ID: str(command.id)}
        missing = [name for name in method.arguments if name not in known]
        if missing:
            raise CannotWrite(f"The method for “{command.name}” needs {', '.join(missing)}.")
        arguments = [known[name] for name in method.arguments]
        refusal = self._ask(lambda line: line.call(method.object, method.method, arguments))
        if refusal:
            raise CannotWrite(f"The device refuses “{command.name}”: {refusal}.")

    # --- the line ---

    def _ask(self, question: Callable[[Line], T]) -> T:
        """A kept line that was closed meanwhile is opened anew, once: every request may repeat."""
        from equipment.adapters.opcua.line import LineLost

        kept, place = self._line is not None, self.map.endpoint
        try:
            return question(self._opened())
        except LineLost as error:
            self._hang_up()
            if not kept or not error.was_closed:
                raise DeviceUnreachable(f"{place} does not answer: {error}.") from error
        return self._ask(question)

    def _opened(self) -> Line:
        # Most of a second to import: only the process that speaks with the device pays for it.
        from equipment.adapters.opcua.line import Line

        if self._line is None:
            self._line = Line(self.map, self.map_file.parent, lambda node, told: self._changes.append((node, told)))
            tags = [each.node for each in self.map.tags.values()]
            heard = self._line.listen(tags)
            self._listened = {name for name, each in self.map.tags.items() if each.node in heard}
            self._units = self._line.units([*tags, *(each.node for each in self.map.setpoints.values())])
        return self._line

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.abandon()
        self._line = self._map = None


def _same(one: Told, other: Told) -> bool:
    return (_number(one), one.status) == (_number(other), other.status)


def _is_so(mode: str, setpoints: dict[str, float], present: DeviceState) -> bool:
    return present.mode == mode and all(present.setpoints.get(name) == value for name, value in setpoints.items())


def _usable(told: Told) -> object:
    """What a server calls bad is of no use, whatever it says."""
    return None if told.quality is Quality.BAD else told.value


def _number(told: Told) -> float | None:
    value = _usable(told)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _command_id(told: Told | None) -> UUID | None:
    with suppress(ValueError):
        return UUID(str(_usable(told))) if told else None
    return None


def open_opcua(connection: Connection) -> OpcUaAdapter:
    """The unit's address is the name of its tag map, a file in the gateway's directory for OPC UA at this site."""
    map_file = connection.directory / Path(connection.address).name
    return OpcUaAdapter(EQUIPMENT_CLASSES[connection.class_code], map_file, connection.clock)
