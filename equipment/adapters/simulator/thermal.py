"""Devices that move heat: controlled-rate freezer, thawing device, nitrogen store, shipper, incubator."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime

from equipment.adapters.simulator.device import SimulatedDevice
from equipment.adapters.simulator.freezing import Product
from equipment.adapters.simulator.physics import approach
from equipment.classes import EquipmentClass

ROOM = 21.0
FINE_STEP = 10.0  # seconds, while heat is still moving
DOOR_LAG = 3 * 60.0  # seconds, time constant of a chamber whose door is open


class _WithProduct(SimulatedDevice):
    """A chamber and the product in it. Subclasses say where the chamber goes; the product follows."""

    frozen_at_first = False

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.chamber = ROOM
        self.product = Product.liquid(ROOM)

    @abstractmethod
    def target(self) -> float: ...

    @abstractmethod
    def move_chamber(self, seconds: float) -> None: ...

    def evolve(self, seconds: float) -> None:
        while seconds > 0:
            if self._at_rest():
                return
            step = min(FINE_STEP, seconds)
            self.move_chamber(step)
            self.product.exchange(self.chamber, step)
            seconds -= step

    def _at_rest(self) -> bool:
        goal = ROOM if self.door_open else self.target()
        return abs(self.chamber - goal) < 0.001 and self.product.settled(self.chamber)

    def remember(self) -> dict[str, float]:
        return {
            "chamber": self.chamber,
            "product": self.product.temperature,
            "frozen": self.product.frozen,
            "lag": self.product.lag,
        }

    def recall(self, state: Mapping[str, float]) -> None:
        self.chamber = state["chamber"]
        self.product = Product(state["product"], state["frozen"], state["lag"])


class ControlledRateFreezer(_WithProduct):
    """First to the start temperature, where it waits for the product; then down the ramp."""

    has_door = True

    def on_command(self, name: str) -> None:
        if name == "freeze":
            self.product = Product.liquid(min(self.product.temperature, ROOM) if self.product.frozen < 1 else ROOM)
            self.ramping = 0.0

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.ramping = 0.0

    def target(self) -> float:
        if self.mode == "freeze":
            return self.setpoint("end_temperature", -100.0)
        return self.setpoint("temperature", 4.0) if self.mode == "hold" else ROOM

    def move_chamber(self, seconds: float) -> None:
        if self.door_open:
            self.chamber = approach(self.chamber, ROOM, seconds, DOOR_LAG)
        elif self.mode != "freeze":
            self.chamber = approach(self.chamber, self.target(), seconds, 180.0)
        elif self.ramping:
            self.chamber = max(self.target(), self.chamber - self._rate() * seconds / 60)
        else:
            self._wait_at_start(seconds)

    def _wait_at_start(self, seconds: float) -> None:
        start = self.setpoint("start_temperature", 4.0)
        self.chamber = approach(self.chamber, start, seconds, 60.0)
        if abs(self.product.temperature - start) < 0.5:
            self.ramping, self.chamber = 1.0, start

    def _rate(self) -> float:
        slow = self.chamber > self.setpoint("fast_below", -40.0)
        return self.setpoint("rate", 1.0) if slow else self.setpoint("fast_rate", 10.0)

    def values(self) -> dict[str, float]:
        start, end = self.setpoint("start_temperature", 4.0), self.setpoint("end_temperature", -100.0)
        done = 100 * (start - self.chamber) / (start - end) if self.mode == "freeze" and self.ramping else 0.0
        return {
            "chamber_temperature": self.chamber,
            "product_temperature": self.product.temperature,
            "programme": min(100.0, max(0.0, done)),
        }

    def remember(self) -> dict[str, float]:
        return super().remember() | {"ramping": self.ramping}

    def recall(self, state: Mapping[str, float]) -> None:
        super().recall(state)
        self.ramping = state["ramping"]


class ThawingDevice(_WithProduct):
    """Each thaw takes in a bag from the nitrogen vapour; the plates push it to the set-point."""

    def on_command(self, name: str) -> None:
        self.product = Product(-150.0, frozen=1.0, lag=70.0) if name == "thaw" else Product(ROOM, lag=70.0)

    def target(self) -> float:
        return self.setpoint("temperature", 37.0) if self.mode == "thaw" else ROOM

    def move_chamber(self, seconds: float) -> None:
        self.chamber = approach(self.chamber, self.target(), seconds, 45.0)

    def values(self) -> dict[str, float]:
        return {"plate_temperature": self.chamber, "product_temperature": self.product.temperature}


class Ln2Freezer(SimulatedDevice):
    """Nitrogen boils off at a steady rate; the lid is colder the higher the level; a valve refills at the mark.

    With the lid open it boils off ten times as fast, and the vapour under the lid warms.
    """

    has_door = True
    OPEN_LID = 70.0  # K above what the level gives, once the lid has stood open for long
    BOIL_OFF = 6.0 / 86_400  # percent of the level per second
    FILL_SECONDS = 1800.0

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.mode = "store"
        self.setpoints = page.commands[0].defaults()
        self.level, self.filling, self.warmed = 70.0, 0.0, 0.0

    def evolve(self, seconds: float) -> None:
        while seconds > 0:
            step = min(seconds, 600.0)
            self._evolve(step)
            seconds -= step

    def _evolve(self, seconds: float) -> None:
        low, high = self.setpoint("fill_below", 40.0), self.setpoint("fill_to", 80.0)
        if self.level <= low:
            self.filling = 1.0
        if self.filling:
            self.level += (high - low) * seconds / self.FILL_SECONDS
            self.filling = 0.0 if self.level >= high else 1.0
        self.level = min(high, self.level) if not self.filling else self.level
        self.level = max(0.0, self.level - self.BOIL_OFF * (10.0 if self.door_open else 1.0) * seconds)
        self.warmed = approach(self.warmed, self.OPEN_LID if self.door_open else 0.0, seconds, DOOR_LAG)

    def values(self) -> dict[str, float]:
        return {"temperature": -190.0 + (100.0 - self.level) * 0.35 + self.warmed, "level": self.level}

    def remember(self) -> dict[str, float]:
        return {"level": self.level, "filling": self.filling, "warmed": self.warmed}

    def recall(self, state: Mapping[str, float]) -> None:
        self.level, self.filling, self.warmed = state["level"], state["filling"], state["warmed"]


class Shipper(SimulatedDevice):
    """A charged dry shipper: steady for its holding time of ten days, then it warms."""

    HOLDING_DAYS = 10.0

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.charge, self.temperature = self.HOLDING_DAYS * 86_400, -190.0

    def evolve(self, seconds: float) -> None:
        cold = min(seconds, self.charge)
        self.charge -= cold
        self.temperature = approach(self.temperature, ROOM, seconds - cold, 36 * 3600.0)

    def values(self) -> dict[str, float]:
        return {"temperature": self.temperature, "tilt": 2.0}

    def remember(self) -> dict[str, float]:
        return {"charge": self.charge, "temperature": self.temperature}

    def recall(self, state: Mapping[str, float]) -> None:
        self.charge, self.temperature = state["charge"], state["temperature"]


class Incubator(SimulatedDevice):
    """Temperature, CO₂ and humidity, each with its own lag; humidity is the slow one."""

    has_door = True
    LAGS = {"temperature": 40 * 60.0, "co2": 6 * 60.0, "humidity": 90 * 60.0}
    IDLE = {"temperature": ROOM, "co2": 0.04, "humidity": 45.0}

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.now = dict(self.IDLE)

    def evolve(self, seconds: float) -> None:
        closed = self.mode == "incubate" and not self.door_open
        for tag, lag in self.LAGS.items():
            target = self.setpoint(tag, self.IDLE[tag]) if closed else self.IDLE[tag]
            self.now[tag] = approach(self.now[tag], target, seconds, DOOR_LAG if self.door_open else lag)

    def values(self) -> dict[str, float]:
        return dict(self.now)

    def remember(self) -> dict[str, float]:
        return dict(self.now)

    def recall(self, state: Mapping[str, float]) -> None:
        self.now = dict(state)
