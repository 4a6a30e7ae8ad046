"""What every device of the plant is: physics, a clock it is told, and orders on stdin beside its protocol.

One JSON order a line on stdin, one JSON answer a line on stdout; the first line says how to connect it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from equipment.adapters.base import Ack, Command, DeviceState, Reading
from equipment.adapters.simulator import SimulatorAdapter, simulated_device
from equipment.classes import EQUIPMENT_CLASSES

SAMPLES = timedelta(hours=1)
Order = Mapping[str, Any]


class Living:
    """A simulated device that measures once an hour of its own time, also in the hours its clock leaps over."""

    def __init__(self, class_code: str, name: str) -> None:
        self.page = EQUIPMENT_CLASSES[class_code]
        self._shown, self._told_at, self._scale = datetime.now(UTC), time.monotonic(), 1.0
        device = simulated_device(class_code, name=name, at=self.now())
        self._adapter = SimulatorAdapter(device, clock=self.now, interval=lambda: SAMPLES)

    def now(self) -> datetime:
        return self._shown + timedelta(seconds=(time.monotonic() - self._told_at) * self._scale)

    def set_clock(self, order: Order) -> None:
        """The hour its site lives in, and how fast."""
        self._shown, self._told_at = datetime.fromisoformat(order["shown"]), time.monotonic()
        self._scale = order["scale"]

    def measured(self) -> list[Reading]:
        """What it measured since it was asked last."""
        return self._adapter.read(tag.name for tag in self.page.tags)

    def values(self) -> dict[str, float]:
        """Every tag as it truly is now."""
        self._adapter.device.advance(self.now())
        known = self._adapter.device.values()
        return {tag.name: known[tag.name] for tag in self.page.tags if tag.name in known}

    def state(self) -> DeviceState:
        return self._adapter.state()

    def move_to(self, name: str, setpoints: Mapping[str, float], number: str) -> Ack:
        return self._adapter.command(Command(UUID(number), name, dict(setpoints)))

    def setpoint_units(self) -> dict[str, str]:
        return {each.name: each.unit for command in self.page.commands for each in command.setpoints}


def say(what: Any) -> None:
    print(json.dumps(what), flush=True)


def answer(line: str, orders: Mapping[str, Callable[[Order], Any]]) -> None:
    order = json.loads(line)
    say({"answer": orders[order["do"]](order)})


def obey(orders: Mapping[str, Callable[[Order], Any]]) -> None:
    """Until whoever gives the orders is gone."""
    for line in sys.stdin:
        answer(line, orders)
