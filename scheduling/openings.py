"""Where there is room: arithmetic on plain intervals of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, order=True)
class Interval:
    """From `start` up to, but not including, `end`."""

    start: datetime
    end: datetime

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end

    def length(self) -> timedelta:
        return self.end - self.start


def gaps(busy: Iterable[Interval], within: Interval, at_least: timedelta) -> list[Interval]:
    """The free stretches of one lane that are long enough, in order."""
    free: list[Interval] = []
    cursor = within.start
    for taken in sorted(busy):
        free.append(Interval(cursor, min(taken.start, within.end)))
        cursor = max(cursor, taken.end)
    free.append(Interval(cursor, within.end))
    return [gap for gap in free if gap.length() >= at_least]


def first_free_lane(lanes: Sequence[Sequence[Interval]], wanted: Interval) -> int | None:
    """The number (from 1) of the first lane in which nothing overlaps; None when all are taken."""
    for number, busy in enumerate(lanes, start=1):
        if not any(wanted.overlaps(taken) for taken in busy):
            return number
    return None


def lanes_used(busy: Iterable[Interval], within: Interval) -> int:
    """How many of these intervals touch a period; the numerator of the capacity row."""
    return sum(1 for taken in busy if taken.overlaps(within))
