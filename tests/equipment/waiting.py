"""Waiting for what another process does in its own time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Flag
from time import monotonic
from typing import TypeVar

from equipment.adapters.base import DeviceUnreachable

T = TypeVar("T")


def until(ask: Callable[[], T | None], seconds: float = 60) -> T:
    """What is asked for, once it is there. Messages take their time; nobody says how long."""
    end = monotonic() + seconds
    while True:
        try:
            if answer := ask():
                return answer
        except DeviceUnreachable:
            if monotonic() > end:
                raise
        assert monotonic() < end, "It never came."
        Flag().wait(0.02)
