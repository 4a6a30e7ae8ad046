"""A Vi-CELL BLU behind the verbs of every adapter: it counts when it is told, and tells what it found."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from equipment.adapters.base import Ack, Command, Connection, DeviceState, DeviceUnreachable, Identity, Reading
from equipment.adapters.mapped import read_map
from equipment.adapters.vi_cell_blu.place import Place
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass

if TYPE_CHECKING:
    from equipment.adapters.opcua.line import Line
    from equipment.adapters.vi_cell_blu.instrument import Count, Instrument

T = TypeVar("T")
AT_REST = {"Idle", "Stopped"}
SEARCHED = timedelta(days=2)  # before and after now: whose clock is wrong by more, counts in vain
LONGEST = timedelta(minutes=10)  # that a count may take; three are usual
LONG_AGO = datetime.min.replace(tzinfo=UTC)
MILLION = 1e6


class ViCellBluAdapter:
    """A sample is started with the id of its command as tag. By it a count is known again, whoever was killed.

    The instrument's lock is held from the start of a sample until its result is here. What is counted at its own
    screen is not asked for: it has no order.
    """

    def __init__(self, page: EquipmentClass, map_file: Path, clock: Callable[[], datetime]) -> None:
        self.page, self.map_file, self.clock = page, map_file, clock
        self._place: Place | None = None
        self._line: Line | None = None
        self._instrument: Instrument | None = None
        self._has_lock = False
        self._running: Command | None = None
        self._started_at: datetime = LONG_AGO
        self._last: Count | None = None
        self._is_idle = False
        self._readings: list[Reading] = []

    @property
    def place(self) -> Place:
        if self._place is None:
            self._place = read_map(Place, self.map_file, self.page)
        return self._place

    def identify(self) -> Identity:
        serial = self._ask(lambda blu: blu.text("ViCellIdentifier"))
        return Identity("Beckman Coulter", "Vi-CELL BLU", serial, self._ask(lambda blu: blu.text("SoftwareVersion")))

    def units_of_measure(self) -> dict[str, str]:
        """As its interface is published: it does not say them itself."""
        self._status()
        return {tag.name: tag.unit for tag in self.page.tags}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """What was found since the last call, at the time the instrument gives; nothing while nothing is counted."""
        if self._status() in AT_REST and self._running:
            self._look_for_results()
        told, self._readings = self._readings, []
        wanted = set(tags)
        return [each for each in told if each.tag in wanted]

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """A result is there when the sample is done: `read` looks for it."""

    def state(self) -> DeviceState:
        """Counting, or what it counted last for us; idle before the first, and once that was told."""
        if self._status() not in AT_REST:
            running = self._running
            return self._shown("count", running.setpoints if running else {}, running.id if running else None)
        if self._running or (self._last is None and not self._is_idle):
            self._look_for_results()
        if self._last is None or self._is_idle or self._running:
            return self._shown("idle", {}, None)
        return self._shown("count", {"dilution": self._last.dilution}, _command_id(self._last))

    def command(self, command: Command) -> Ack:
        from equipment.adapters.vi_cell_blu.instrument import NotDone

        try:
            if command.name == "idle":
                self._stop()
            else:
                self._count(command)
        except NotDone as refusal:
            return Ack(command.id, accepted=False, message=f"The counter refuses: {refusal}.")
        return Ack(command.id, accepted=True)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._forget()

    # --- counting ---

    def _count(self, command: Command) -> None:
        """DeviceUnreachable while it counts something else, or somebody works at its screen: it is asked again."""
        status = self._status()
        if self._running and self._running.id == command.id:
            return
        if status not in AT_REST:
            raise DeviceUnreachable(f"The counter is busy: {status}.")
        self._look_for_results()
        if self._last and _command_id(self._last) == command.id:
            return
        self._start(command)

    def _start(self, command: Command) -> None:
        name, dilution = command.material or str(command.id), round(command.setpoints.get("dilution", 1))
        self._lock()
        try:
            self._ask(lambda blu: blu.start(name, str(command.id), dilution))
            self._running, self._started_at, self._is_idle = command, self.clock(), False
        finally:
            if self._running is not command:
                self._unlock()

    def _stop(self) -> None:
        if self._status() not in AT_REST:
            self._lock()
            self._ask(lambda blu: blu.stop())
        self._unlock()
        self._running, self._is_idle = None, True

    def _look_for_results(self) -> None:
        """Readings of the sample that was running; after a restart, which command was the last."""
        from equipment.adapters.vi_cell_blu.instrument import NotDone

        now = self.clock()
        self._lock()
        try:
            found = self._ask(lambda blu: blu.counts(now - SEARCHED, now + SEARCHED))
        except NotDone as refusal:
            raise DeviceUnreachable(f"The counter tells no results ({refusal}).") from refusal
        ours = [count for count in found if _command_id(count)]
        if ours and ours[-1] != self._last:
            self._last = ours[-1]
            self._readings += self._read_off(self._last)
        if self._running and self._is_over(self._running, now):
            self._running = None
        if not self._running:
            self._unlock()

    def _is_over(self, running: Command, now: datetime) -> bool:
        """Its result is here, or will not come: nobody is kept from the instrument for ever."""
        is_here = self._last is not None and _command_id(self._last) == running.id
        return is_here or now - self._started_at > LONGEST

    def _lock(self) -> None:
        from equipment.adapters.vi_cell_blu.instrument import NotDone

        if self._has_lock:
            return
        try:
            self._ask(lambda blu: blu.lock())
        except NotDone as refusal:
            raise DeviceUnreachable(f"Somebody works at the counter's own screen ({refusal}).") from refusal
        self._has_lock = True

    def _unlock(self) -> None:
        if self._has_lock:
            self._ask(lambda blu: blu.release())
            self._has_lock = False

    def _read_off(self, count: Count) -> Iterable[Reading]:
        now = self.clock()
        values = {
            "viable_density": count.viable_density / MILLION,
            "total_density": count.total_density / MILLION,
            "viability": count.viability,
            "counted": float(count.counted),
        }
        return [Reading(name, value, count.at, now) for name, value in values.items()]

    def _shown(self, mode: str, setpoints: Mapping[str, float], last: UUID | None) -> DeviceState:
        return DeviceState(mode=mode, setpoints=dict(setpoints), last_command=last, at=self.clock())

    def _status(self) -> str:
        return self._ask(lambda blu: blu.text("ViCellStatus"))

    # --- the line ---

    def _ask(self, question: Callable[[Instrument], Coroutine[Any, Any, T]]) -> T:
        from equipment.adapters.opcua.line import LineLost

        endpoint = self.place.endpoint
        try:
            line, instrument = self._opened()
            return line.ask(question(instrument))
        except LineLost as error:
            self._hang_up()
            raise DeviceUnreachable(f"{endpoint} does not answer: {error}.") from error

    def _opened(self) -> tuple[Line, Instrument]:
        # Most of a second to import: only the process that speaks with the device pays for it.
        from equipment.adapters.opcua.line import Line
        from equipment.adapters.vi_cell_blu.instrument import Instrument, NotDone

        if self._line is None or self._instrument is None:
            self._line = Line(self.place, self.map_file.parent, lambda _node, _told: None)
            self._instrument = Instrument(self._line, self.place)
            try:
                self._line.ask(self._instrument.learn())
            except NotDone as refusal:
                self._hang_up()
                raise DeviceUnreachable(f"This is no Vi-CELL BLU: {refusal}.") from refusal
        return self._line, self._instrument

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.abandon()
        self._forget()

    def _forget(self) -> None:
        """A line that ends takes its lock with it."""
        self._line = self._instrument = self._place = None
        self._has_lock = False


def _command_id(count: Count) -> UUID | None:
    with suppress(ValueError):
        return UUID(count.tag)
    return None


def open_vi_cell_blu(connection: Connection) -> ViCellBluAdapter:
    """The unit's address is the name of its file in the gateway's directory for Vi-CELL BLU at this site."""
    map_file = connection.directory / Path(connection.address).name
    return ViCellBluAdapter(EQUIPMENT_CLASSES[connection.class_code], map_file, connection.clock)
