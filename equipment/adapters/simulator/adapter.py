"""The adapter in front of a simulated device: instrument error, sampling, memory, and the faults it suffers."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from equipment.adapters.base import (
    Ack,
    Adapter,
    Command,
    Connection,
    DeviceState,
    DeviceUnreachable,
    Identity,
    Quality,
    Reading,
)
from equipment.adapters.simulator.device import SimulatedDevice, Suspension
from equipment.adapters.simulator.faults import Faults
from equipment.adapters.simulator.physics import noise
from equipment.adapters.simulator.plant import simulated_device
from equipment.adapters.simulator.vessels import CultureVessel
from equipment.classes import Tag

Clock = Callable[[], datetime]
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class SimulatorAdapter:
    """Samples at every multiple of `interval`, also when it is asked less often, as a device with a memory does.

    After a long absence only the newest `most` samples are kept, as in a device whose memory is full; what is lost
    stays a gap. With a `memory` file the device goes on from there after a restart of the gateway.
    """

    def __init__(
        self,
        device: SimulatedDevice,
        *,
        clock: Clock,
        interval: Callable[[], timedelta],
        memory: Path | None = None,
        faults: Faults | None = None,
        wait: Callable[[float], object] = time.sleep,
        most: int = 1000,
    ) -> None:
        self.device = device
        self.clock = clock
        self.interval = interval
        self.memory = memory
        self.faults = faults or Faults(None)
        self.wait = wait
        self.most = most
        self.unplugged = False
        self._waiting: list[Reading] = []
        self._listeners: list[tuple[frozenset[str], Callable[[Reading], None]]] = []

    def identify(self) -> Identity:
        serial = f"SIM-{self.device.seed:08X}"
        return Identity("Baton", f"Simulated {self.device.page.name}", serial, "1")

    def units_of_measure(self) -> dict[str, str]:
        now = self.clock()
        return {tag.name: self.faults.unit_shown(tag.name, tag.unit, now) for tag in self.device.page.tags}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        self._answer()
        # What was handed over last time was stored, or nobody would ask again: now it may be forgotten.
        self._memorise()
        self._catch_up()
        taken, self._waiting = self._waiting, []
        wanted = frozenset(tags)
        return [reading for reading in taken if reading.tag in wanted]

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        self._listeners.append((frozenset(tags), on_reading))

    def command(self, command: Command) -> Ack:
        self._answer()
        self._catch_up()
        self.device.advance(self.clock())
        ack = self.device.move_to(command)
        self._memorise()
        return ack

    def state(self) -> DeviceState:
        self._answer()
        return self.device.state()

    def close(self) -> None:
        self._memorise()
        self._listeners.clear()

    def _answer(self) -> None:
        if self.unplugged:
            raise DeviceUnreachable(f"{self.identify().serial} does not answer.")
        self.faults.delay_answer(self.clock(), self.wait)

    def _memorise(self) -> None:
        if self.memory is None:
            return
        unfinished = self.memory.with_suffix(".new")
        try:
            unfinished.write_text(json.dumps(self.device.save()))
            unfinished.replace(self.memory)
        except OSError as error:
            raise DeviceUnreachable(f"{self.identify().serial} cannot keep its memory: {error.strerror}.") from error

    def _catch_up(self) -> None:
        now = self.clock()
        for at in self._sample_times(now):
            for reading in self._sample(at, now):
                self._waiting.append(reading)
                self._tell(reading)

    def _sample_times(self, now: datetime) -> Iterator[datetime]:
        interval = self.interval()
        last = (now - EPOCH) // interval
        first = max((self.device.at - EPOCH) // interval + 1, last - self.most + 1)
        return (EPOCH + interval * number for number in range(first, last + 1))

    def _sample(self, at: datetime, received_at: datetime) -> Iterator[Reading]:
        self.device.door_open = self.faults.door_is_open(at)
        self.device.advance(at)
        values = self.device.values()
        for tag in self.device.page.tags:
            if tag.name in values:
                yield self._measured(tag, values[tag.name], at, received_at)

    def _measured(self, tag: Tag, true: float, at: datetime, received_at: datetime) -> Reading:
        error = tag.accuracy * noise(self.device.seed, tag.name, at) if tag.accuracy else 0.0
        shown = min(tag.high, max(tag.low, true + error))
        # An instrument at the end of its range shows the end of its range: the true value may be anywhere beyond.
        beyond = not tag.low <= true <= tag.high
        quality = Quality.UNCERTAIN if beyond else Quality.GOOD
        return Reading(tag.name, self.faults.shown(tag.name, tag.unit, shown, at), at, received_at, quality)

    def _tell(self, reading: Reading) -> None:
        for tags, on_reading in self._listeners:
            if reading.tag in tags:
                on_reading(reading)


def open_simulator(connection: Connection) -> SimulatorAdapter:
    """A simulated device that goes on from its own memory, or new where there is none to go on from."""
    now = connection.clock()
    memory = connection.directory / f"{connection.unit}.json"
    name = f"{connection.address}/{connection.unit}"
    device = simulated_device(connection.class_code, name=name, at=now)
    if memory.exists():
        saved = json.loads(memory.read_text())
        # A memory from the future belongs to another life of this site's clock.
        if datetime.fromisoformat(saved["at"]) <= now:
            device.load(saved)
    device.sample_source = partial(_suspension_of, device, connection.neighbours)
    faults = Faults(connection.directory / f"{connection.unit}.faults.json")
    return SimulatorAdapter(device, clock=connection.clock, interval=connection.interval, memory=memory, faults=faults)


def _suspension_of(counter: SimulatedDevice, neighbours: Mapping[str, Adapter]) -> Suspension | None:
    """The cells of the vessel that holds the same material as the sample; None when no vessel does."""
    vessels = [
        each.device
        for each in neighbours.values()
        if isinstance(each, SimulatorAdapter) and isinstance(each.device, CultureVessel)
    ]
    holding = [each for each in vessels if each.material == counter.material and each.sample()]
    if not counter.material or not holding:
        return None
    return max(holding, key=lambda vessel: vessel.mode_since).sample()
