"""Whether a value calls for an alarm: limits, delay and deadband over readings in order of time.

A value outside a limit for as long as the delay raises the alarm; a value back inside by the deadband for as long as
the delay clears it. A limit itself is inside. Only readings count: what is not known in a gap is neither in nor out, so
a silence never clears an alarm, and a run goes on from the last usable reading before it to the first one after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Limits:
    """`low` and `high` in the unit of the tag; at least one of them. `deadband` is taken off towards the inside."""

    low: Decimal | None
    high: Decimal | None
    delay: timedelta = timedelta(0)
    deadband: Decimal = Decimal(0)

    def is_outside(self, value: Decimal) -> bool:
        return _is_below(value, self.low) or _is_above(value, self.high)

    def is_back(self, value: Decimal) -> bool:
        low = None if self.low is None else self.low + self.deadband
        high = None if self.high is None else self.high - self.deadband
        return not (_is_below(value, low) or _is_above(value, high))


def _is_below(value: Decimal, limit: Decimal | None) -> bool:
    return limit is not None and value < limit


def _is_above(value: Decimal, limit: Decimal | None) -> bool:
    return limit is not None and value > limit


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    value: float

    @property
    def exact(self) -> Decimal:
        """The number the instrument wrote: 37.6, not the binary fraction next to it."""
        return Decimal(repr(self.value))


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
    changes = []
    for point in points:
        progress, change = _step(limits, progress, point)
        if change is not None:
            changes.append(change)
    return progress, changes


def _step(limits: Limits, progress: Progress, point: Point) -> tuple[Progress, Change | None]:
    turns = limits.is_back(point.exact) if progress.active else limits.is_outside(point.exact)
    if not turns:
        return replace(progress, until=point.at, since=None), None
    since = progress.since or point.at
    if point.at - since < limits.delay:
        return replace(progress, until=point.at, since=since), None
    change = Change(not progress.active, since, point.at, point.value)
    return Progress(point.at, not progress.active), change
