"""What a message tells, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from equipment.adapters.base import Quality

SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}  # a negative number is sent as its two's complement
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` is empty where only the alias was sent. `unit`, `low` and `high` are told at birth."""

    name: str
    alias: int | None
    value: Value
    datatype: int
    at: datetime | None
    is_historical: bool = False
    unit: str = ""
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Message:
    seq: int | None
    metrics: tuple[Metric, ...]

    def find(self, name: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.name == name), None)


def signed(value: float, datatype: int) -> float:
    bits = SIGNED_BITS.get(datatype)
    if bits is None or value < 0:
        return float(value)
    whole = int(value) % (1 << bits)
    return float(whole - (1 << bits) if whole >> (bits - 1) else whole)
