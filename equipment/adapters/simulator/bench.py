"""Bench devices: cell counter, safety cabinet, tube sealer, gas monitor."""

import random
from collections.abc import Mapping
from datetime import datetime

from equipment.adapters.simulator.device import SimulatedDevice, Suspension
from equipment.adapters.simulator.physics import approach, noise, poisson
from equipment.classes import EquipmentClass

APHERESIS = Suspension(viable=20.0, dead=0.8)


class CellCounter(SimulatedDevice):
    """Counts what is in a small imaged volume, so few cells mean a wide scatter.

    The count in a fixed volume is Poisson (Student. Biometrika 1907;5:351-360); pipetting and dilution add 3 %.
    The sample is taken from the culture of the same batch, or is an apheresis product when there is none.
    """

    IMAGED_ML = 0.4e-3
    PIPETTING = 0.03

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.result: dict[str, float] = {}

    def on_command(self, name: str) -> None:
        self.result = self.count(self.sample_source() or APHERESIS) if name == "count" else {}

    def count(self, sample: Suspension) -> dict[str, float]:
        rng = random.Random(f"{self.seed}/count/{self.last_command}")
        dilution = self.setpoint("dilution", 10.0)
        pipetted = rng.gauss(1.0, self.PIPETTING)
        imaged = self.IMAGED_ML * 1e6 / dilution * pipetted
        viable, dead = poisson(rng, sample.viable * imaged), poisson(rng, sample.dead * imaged)
        per_cell = dilution / (self.IMAGED_ML * 1e6)
        total = viable + dead
        return {
            "viable_density": viable * per_cell,
            "total_density": total * per_cell,
            "viability": 100 * viable / total if total else 0.0,
            "counted": float(total),
        }

    def evolve(self, seconds: float) -> None:
        """Nothing moves between two counts."""

    def values(self) -> dict[str, float]:
        return self.result

    def remember(self) -> dict[str, float]:
        return dict(self.result)

    def recall(self, state: Mapping[str, float]) -> None:
        self.result = dict(state)


class SafetyCabinet(SimulatedDevice):
    """Clean air while the fan runs: rare single particles; a stopped fan lets the room in."""

    STILL = {"particles_0_5": 350_000.0, "particles_5_0": 2_900.0}
    CLEAN = {"particles_0_5": 120.0, "particles_5_0": 0.0}

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.now = {"airflow": 0.0, **self.STILL}

    def evolve(self, seconds: float) -> None:
        running = self.mode == "run"
        self.now["airflow"] = approach(
            self.now["airflow"], self.setpoint("airflow", 0.4) if running else 0.0, seconds, 20.0
        )
        for tag, target in (self.CLEAN if running else self.STILL).items():
            self.now[tag] = approach(self.now[tag], target, seconds, 60.0)

    def values(self) -> dict[str, float]:
        rng = random.Random(f"{self.seed}/particles/{self.at.timestamp():.3f}")
        # One counted cubic foot stands for 35.3 of them in a cubic metre.
        seen = {tag: poisson(rng, self.now[tag] / 35.3) * 35.3 for tag in self.CLEAN}
        return {"airflow": self.now["airflow"], **seen}

    def remember(self) -> dict[str, float]:
        return dict(self.now)

    def recall(self, state: Mapping[str, float]) -> None:
        self.now = dict(state)


class TubeSealer(SimulatedDevice):
    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.seals = 0.0

    def on_command(self, name: str) -> None:
        self.seals += name == "seal"

    def evolve(self, seconds: float) -> None:
        """A sealer at rest stays as it is."""

    def values(self) -> dict[str, float]:
        return {"seals": self.seals}

    def remember(self) -> dict[str, float]:
        return {"seals": self.seals}

    def recall(self, state: Mapping[str, float]) -> None:
        self.seals = state["seals"]


class GasMonitor(SimulatedDevice):
    """Fresh air (20.9 % oxygen, 0.04 % carbon dioxide); people at work in the room breathe a little of it."""

    def evolve(self, seconds: float) -> None:
        """The air is always changed."""

    def values(self) -> dict[str, float]:
        breathed = 0.02 * (1 + noise(self.seed, "people", self.at))
        return {"oxygen": 20.9 - breathed, "co2": 0.04 + breathed}

    def remember(self) -> dict[str, float]:
        return {}

    def recall(self, state: Mapping[str, float]) -> None:
        """Nothing to go on from."""
