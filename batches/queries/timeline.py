"""Planned and real times of the unit operations, for the bar at the top of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from batches.models import Batch, HandOver, Operation
from batches.queries.hand_over import hand_overs_of
from mes import clock


@dataclass(frozen=True)
class Bar:
    """One operation: when it was planned and when it happened; `offset` and `width` are per cent of the whole bar."""

    key: str
    name: str
    unit_procedure: str
    status: str
    day: int | None
    planned_start: datetime
    planned_end: datetime
    started_at: datetime | None
    ended_at: datetime | None
    planned_offset: float
    planned_width: float
    real_offset: float
    real_width: float


@dataclass(frozen=True)
class Timeline:
    start: datetime
    end: datetime
    now: datetime
    now_offset: float
    bars: list[Bar]
    hand_overs: list[HandOver]


def timeline(batch: Batch) -> Timeline:
    """The operations of an issued batch; empty before that."""
    operations = list(Operation.objects.filter(batch=batch).select_related("unit_procedure").order_by("position"))
    now = clock.now(batch.site)
    start = min([batch.planned_start, *(op.started_at for op in operations if op.started_at)])
    last = max([batch.planned_end, *(op.ended_at for op in operations if op.ended_at)])
    end = max(last, now) if batch.ended_at is None and batch.started_at else last
    scale = _Scale(start, end)
    planned = _planned(batch, operations)
    bars = [_bar(op, *planned[op.key], scale, now) for op in operations]
    return Timeline(start, end, now, scale.offset(now), bars, list(hand_overs_of(batch)))


class _Scale:
    """Moments as per cent of the whole."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.length = max((end - start).total_seconds(), 1.0)

    def offset(self, moment: datetime) -> float:
        part = (moment - self.start).total_seconds() / self.length
        return round(100 * min(max(part, 0.0), 1.0), 3)

    def width(self, start: datetime, end: datetime) -> float:
        return round(max(self.offset(end) - self.offset(start), 0.4), 3)


def _planned(batch: Batch, operations: list[Operation]) -> dict[str, tuple[datetime, datetime]]:
    """The recipe gives days; an operation lasts until the next one's day, several of one day share it."""
    if not operations:
        return {}
    starts: list[datetime] = []
    for number, operation in enumerate(operations):
        day = operation.day if operation.day is not None else 0
        same_day = [op for op in operations if (op.day or 0) == day]
        share = timedelta(hours=12) / len(same_day) * same_day.index(operation)
        starts.append(
            max(
                batch.planned_start + timedelta(days=day) + share, starts[number - 1] if number else batch.planned_start
            )
        )
    ends = [*starts[1:], max(batch.planned_end, starts[-1])]
    return {op.key: (start, end) for op, start, end in zip(operations, starts, ends, strict=True)}


def _bar(operation: Operation, planned_start: datetime, planned_end: datetime, scale: _Scale, now: datetime) -> Bar:
    started = operation.started_at
    ended = operation.ended_at or (now if started else None)
    return Bar(
        key=operation.key,
        name=operation.name,
        unit_procedure=operation.unit_procedure.name,
        status=operation.status,
        day=operation.day,
        planned_start=planned_start,
        planned_end=planned_end,
        started_at=started,
        ended_at=operation.ended_at,
        planned_offset=scale.offset(planned_start),
        planned_width=scale.width(planned_start, planned_end),
        real_offset=scale.offset(started) if started else 0.0,
        real_width=scale.width(started, ended) if started and ended else 0.0,
    )
