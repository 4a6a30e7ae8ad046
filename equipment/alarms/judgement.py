"""Whether a value calls for an alarm: limits, delay and deadband over readings in order of time.

A value outside a limit for as long as the delay raises the alarm; a value back inside by the deadband for as long as
the delay clears it. A limit itself is inside. Only readings count: what is not known in a gap is neither in nor out, so
a silence never clears an alarm, and a run goes on from the last usable reading before it to the first one after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Limits:
    """`low` and `high` in the unit of the tag; at least one of them. `deadband` is taken off towards the inside."""

    low: Decimal | None
    high: Decimal | None
    delay: timedelta = timedelta(0)
    deadband: Decimal = Decimal(0)


class Point(NamedTuple):
    at: datetime
    value: float


class Range:
    """From `low` to `high`, both inside, compared with the number the instrument wrote: 37.6, not a fraction beside it.

    Rounding to a float keeps order: strictly between the floats of the limits is between the limits. Only for a value
    beside a limit its digits decide.
    """

    def __init__(self, low: Decimal | None, high: Decimal | None) -> None:
        self.low = Decimal("-Infinity") if low is None else low
        self.high = Decimal("Infinity") if high is None else high
        self._near_low, self._near_high = float(self.low), float(self.high)

    def holds(self, value: float) -> bool:
        return self._near_low < value < self._near_high or self.low <= Decimal(repr(value)) <= self.high


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a definition is judged. `since` is where the run began that will turn `active` over."""

    until: datetime | None = None
    active: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The alarm goes on (`raised`) or off at `at`; the run that called for it began at `began_at`."""

    raised: bool
    began_at: datetime
    at: datetime
    value: float


def judge(limits: Limits, progress: Progress, points: Iterable[Point]) -> tuple[Progress, list[Change]]:
    """Take up points in order of time after `progress.until`. The same points in pieces give the same changes."""
    inside, well_inside = Range(limits.low, limits.high), _well_inside(limits)
    until, active, since = progress.until, progress.active, progress.since
    changes = []
    for until, value in points:
        turns = well_inside.holds(value) if active else not inside.holds(value)
        since = (since or until) if turns else None
        if since is not None and until - since >= limits.delay:
            changes.append(Change(not active, since, until, value))
            active, since = not active, None
    return Progress(until, active, since), changes


def _well_inside(limits: Limits) -> Range:
    """Back to normal is inside by the deadband."""
    return Range(
        None if limits.low is None else limits.low + limits.deadband,
        None if limits.high is None else limits.high - limits.deadband,
    )
