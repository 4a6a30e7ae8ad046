"""What all simulated devices do alike: keep their own time, take commands once, remember their state."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from equipment.adapters.base import Ack, Command, DeviceState
from equipment.classes import EquipmentClass


@dataclass(frozen=True, slots=True)
class Suspension:
    """Cells as another device would find them in a sample. Densities in 10⁶/mL."""

    viable: float
    dead: float


SampleSource = Callable[[], Suspension | None]


def nothing_to_sample() -> Suspension | None:
    return None


class SimulatedDevice(ABC):
    """Knows its time only from `advance`. Same seed, same commands, same times: same values."""

    has_door = False

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        self.page = page
        self.seed = seed
        self.at = at
        self.mode = "idle"
        self.mode_since = at
        self.setpoints: dict[str, float] = {}
        self.last_command: UUID | None = None
        self.material = ""
        self.sample_source: SampleSource = nothing_to_sample
        self.door_open = False

    @abstractmethod
    def evolve(self, seconds: float) -> None:
        """Let the physics run on for `seconds` under the set-points in force."""

    @abstractmethod
    def values(self) -> dict[str, float]:
        """The true value of every tag now; the instrument's error is added by the adapter."""

    @abstractmethod
    def remember(self) -> dict[str, float]:
        """The physical state, to go on from after a restart."""

    @abstractmethod
    def recall(self, state: Mapping[str, float]) -> None: ...

    def on_command(self, name: str) -> None:  # noqa: B027 - most devices only follow their set-points
        """Called once when the device starts moving to another state."""

    def advance(self, to: datetime) -> None:
        if to > self.at:
            self.evolve((to - self.at).total_seconds())
            self.at = to

    def move_to(self, command: Command) -> Ack:
        """Take a command once: the same id again answers the same and changes nothing."""
        if command.id == self.last_command:
            return Ack(command.id, accepted=True)
        page = self.page.command(command.name)
        if page is None:
            return Ack(command.id, accepted=False, message=f"{self.page.name} has no command {command.name}.")
        self.setpoints = {**page.defaults(), **self._kept(command.name), **command.setpoints}
        self.mode, self.mode_since, self.last_command = command.name, self.at, command.id
        self.material = command.material or self.material
        self.on_command(command.name)
        return Ack(command.id, accepted=True)

    def _kept(self, name: str) -> dict[str, float]:
        """Set-points the same state already has stay in force; another state starts from its defaults."""
        return self.setpoints if name == self.mode else {}

    def state(self) -> DeviceState:
        return DeviceState(self.mode, dict(self.setpoints), self.last_command, self.at)

    def setpoint(self, name: str, otherwise: float) -> float:
        return self.setpoints.get(name, otherwise)

    def progress(self) -> float:
        """Percent of the running programme that is done; 0 where the state has no end."""
        page = self.page.command(self.mode)
        if page is None or not page.minutes:
            return 0.0
        return min(100.0, 100 * (self.at - self.mode_since) / timedelta(minutes=page.minutes))

    def save(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "mode": self.mode,
            "mode_since": self.mode_since.isoformat(),
            "setpoints": self.setpoints,
            "last_command": str(self.last_command) if self.last_command else None,
            "material": self.material,
            "physics": self.remember(),
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        self.at = datetime.fromisoformat(saved["at"])
        self.mode = saved["mode"]
        self.mode_since = datetime.fromisoformat(saved["mode_since"])
        self.setpoints = dict(saved["setpoints"])
        self.last_command = UUID(saved["last_command"]) if saved["last_command"] else None
        self.material = saved["material"]
        self.recall(saved["physics"])
