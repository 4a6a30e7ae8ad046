"""What every device looks like to the gateway, whatever protocol it speaks.

An adapter is one plain class. Its calls return, or raise `DeviceUnreachable`, within a few seconds; they never
invent a value: what the device did not say is absent, and what it said in doubt carries its quality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID


class Quality(StrEnum):
    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one tag. `value` is None exactly when the device gave none, and the quality is then bad."""

    tag: str
    value: float | None
    at: datetime
    received_at: datetime
    quality: Quality = Quality.GOOD

    def __post_init__(self) -> None:
        if self.value is None and self.quality is not Quality.BAD:
            raise ValueError(f"A reading of {self.tag} without a value is bad.")


@dataclass(frozen=True, slots=True)
class Command:
    """A state to move to, not an action to repeat: sending it twice leaves the device where sending it once does.

    `material` is what the label on it says: the batch whose material is in the device.
    """

    id: UUID
    name: str
    setpoints: Mapping[str, float] = field(default_factory=dict)
    material: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    command_id: UUID
    accepted: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the device itself says is in force: the read-back of a command. `mode` is empty where it takes none."""

    mode: str
    setpoints: Mapping[str, float]
    last_command: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    manufacturer: str
    model: str
    serial: str
    firmware: str


class DeviceUnreachable(Exception):
    """The device did not answer: nothing is known about it until it does."""


class MessagesLost(DeviceUnreachable):
    """The device is there, and something that it told never arrived: what it was is not known (R-067)."""


class Adapter(Protocol):
    def identify(self) -> Identity: ...

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """The readings taken since the last call, oldest first; a device without a memory gives the present ones."""

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None: ...

    def command(self, command: Command) -> Ack: ...

    def state(self) -> DeviceState: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """All an adapter is told when it is opened.

    `clock` is process time, `interval` how often a reading is wanted, both as they are when asked. `directory` is a
    place for files of the adapter's own. `neighbours` are the other open adapters of the site, by unit code.
    """

    unit: str
    class_code: str
    address: str
    clock: Callable[[], datetime]
    interval: Callable[[], timedelta]
    directory: Path
    neighbours: Mapping[str, Adapter]
