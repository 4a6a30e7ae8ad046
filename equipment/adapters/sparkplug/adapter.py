"""Sparkplug B behind the verbs of every adapter: what is told is collected and handed out when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from equipment.adapters.base import (
    Ack,
    Command,
    Connection,
    DeviceState,
    DeviceUnreachable,
    Identity,
    MessagesLost,
    Quality,
    Reading,
)
from equipment.adapters.mapped import CannotWrite, measured, read_map, wanted_setpoints
from equipment.adapters.sparkplug.metric import Metric
from equipment.adapters.sparkplug.node import REBIRTH, Loss, Node
from equipment.adapters.sparkplug.tag_map import TagMap
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass

if TYPE_CHECKING:
    from equipment.adapters.sparkplug.line import Heard, Line

log = structlog.get_logger(__name__)


class SparkplugAdapter:
    """One device, or one node without devices. The map is read with a new line, so that a mended one counts.

    While a node is in step, what it has not told again is as it told it last: it reports what changes, and only that.
    Once it is in doubt (dead, out of step, not heard) nothing is known until it is born again.
    """

    def __init__(self, page: EquipmentClass, map_file: Path, clock: Callable[[], datetime]) -> None:
        self.page, self.map_file, self.clock = page, map_file, clock
        self._map: TagMap | None = None
        self._line: Line | None = None
        self._node = Node()
        self._readings: list[Reading] = []
        self._missed = ""

    @property
    def map(self) -> TagMap:
        if self._map is None:
            self._map = read_map(TagMap, self.map_file, self.page)
        return self._map

    def identify(self) -> Identity:
        """What the birth tells, where the map says by which metrics."""
        self._known()
        plate = self.map.nameplate
        names = (plate.manufacturer, plate.model, plate.serial, plate.firmware)
        return Identity(*(str(self._value(name) or "") for name in names))

    def units_of_measure(self) -> dict[str, str]:
        """As told at birth (property `engUnit`); where it is not, as the map says."""
        self._known()
        return {name: self._unit(place.metric) or place.unit for name, place in self.map.tags.items()}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """Everything told since the last call, and what has not changed, as of now.

        What came before a doubt is handed out first; the next call says why there is nothing more. A doubt that a birth
        has ended since the last call is told once (DeviceUnreachable): what was lost meanwhile stays lost.
        """
        self._hear()
        missed, self._missed = self._missed, ""
        if missed and not self._node.doubt:
            raise self._said(missed)
        told, self._readings = self._readings, []
        if self._node.doubt:
            if told:
                return told
            self._known()
        heard = {each.tag for each in told}
        now = self.clock()
        quiet = [name for name in tags if name in self.map.tags and name not in heard]
        return [*told, *(each for name in quiet if (each := self._reading(name, now)) is not None)]

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """What the device tells is collected from the first call on, and handed out by `read`."""

    def state(self) -> DeviceState:
        self._known()
        mode = self.map.mode
        shown = {name: self._value(place.metric) for name, place in self.map.setpoints.items()}
        return DeviceState(
            mode=mode.state_of(self._value(mode.metric)) if mode else "",
            setpoints={name: value for name, value in shown.items() if isinstance(value, float)},
            last_command=_command_id(self._value(self.map.last_command or "")),
            at=self.clock(),
        )

    def command(self, command: Command) -> Ack:
        """Ask for what is not yet so: set-points, then the state, last the id. That it is done the device tells."""
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
        mode, present = self.map.mode, self.state()
        if mode is None or command.name not in mode.values:
            raise CannotWrite(f"The tag map has no value for “{command.name}”.")
        if present.last_command == command.id:
            return
        wanted = wanted_setpoints(command, present, self.page, self.map.setpoints)
        orders: dict[str, float | str] = {self.map.setpoints[name].metric: value for name, value in wanted.items()}
        orders[mode.metric] = mode.values[command.name]
        if self.map.last_command:
            orders[self.map.last_command] = str(command.id)
        payloads = [self._order(name, value) for name, value in orders.items() if self._value(name) != value]
        line, device = self._opened(), self.map.device
        for payload in payloads:
            line.publish("DCMD" if device else "NCMD", payload, device=device)

    def _order(self, name: str, value: float | str) -> bytes:
        from equipment.adapters.sparkplug.payload import command

        metric = self._node.metrics.get(name)
        if metric is None:
            raise CannotWrite(f"The device has no metric “{name}”.")
        return command(name, metric.datatype, value, self.clock())

    # --- what was told ---

    def _known(self) -> None:
        """DeviceUnreachable with the reason while nothing is to be believed."""
        self._hear()
        if self._node.doubt:
            raise self._said(self._node.doubt)

    def _said(self, doubt: str) -> DeviceUnreachable:
        words = f"{self.map.group}/{self.map.node}: {doubt}"
        return MessagesLost(words) if isinstance(doubt, Loss) else DeviceUnreachable(words)

    def _hear(self) -> None:
        from equipment.adapters.sparkplug.payload import BOOLEAN, command

        line = self._opened()
        line.wait()
        for heard in line.taken():
            self._take(heard)
        if self._node.needs_birth:
            line.ask_for_birth(command(REBIRTH, BOOLEAN, 1, self.clock()))

    def _take(self, heard: Heard) -> None:
        from equipment.adapters.sparkplug.payload import Undecodable, decoded

        before, metrics = self._node.doubt, []
        try:
            if heard.kind:
                metrics = self._node.take(heard.kind, heard.device, decoded(heard.content))
            else:
                self._node.lose(heard.content.decode())
        except Undecodable as error:
            self._node.lose(f"A message could not be read: {error}.")
        self._note_doubt(before)
        names = {place.metric: name for name, place in self.map.tags.items()}
        self._readings += [self._as_reading(names[each.name], each) for each in metrics if each.name in names]

    def _note_doubt(self, before: str) -> None:
        doubt = self._node.doubt
        if doubt and doubt != before:
            log.warning("sparkplug_in_doubt", node=self.map.node, device=self.map.device, reason=doubt)
        if doubt and not before:
            self._missed = doubt

    def _reading(self, name: str, now: datetime) -> Reading | None:
        metric = self._node.metrics.get(self.map.tags[name].metric)
        return None if metric is None else self._as_reading(name, metric, at=now)

    def _as_reading(self, name: str, metric: Metric, at: datetime | None = None) -> Reading:
        value = metric.value if isinstance(metric.value, float) and metric.quality is not Quality.BAD else None
        now = self.clock()
        return measured(
            self.page,
            name,
            self.map.tags[name],
            value,
            at=at or metric.at or now,
            now=now,
            unit=metric.unit,
            quality=metric.quality,
        )

    def _value(self, name: str) -> float | str | None:
        metric = self._node.metrics.get(name)
        return metric.value if metric else None

    def _unit(self, name: str) -> str:
        metric = self._node.metrics.get(name)
        return metric.unit if metric else ""

    def _opened(self) -> Line:
        # A tenth of a second to import: only the process that speaks with the device pays for it.
        from equipment.adapters.sparkplug.line import Line

        if self._line is None:
            self._node = Node(self.map.device or "")
            self._line = Line(self.map, self.map_file.parent)
        return self._line


def _command_id(value: float | str | None) -> UUID | None:
    with suppress(ValueError):
        return UUID(str(value)) if value else None
    return None


def open_sparkplug(connection: Connection) -> SparkplugAdapter:
    """The unit's address is the name of its tag map, a file in the gateway's directory for Sparkplug at this site."""
    map_file = connection.directory / Path(connection.address).name
    return SparkplugAdapter(EQUIPMENT_CLASSES[connection.class_code], map_file, connection.clock)
