"""The readings: written in bulk, read as trends with every peak and every gap."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from equipment.adapters.base import Quality, Reading
from equipment.classes import Tag
from equipment.models import ReadingBatch, Unit
from mes import clock
from mes.accounts.models import Site
from mes.errors import InvalidInput

_COPY = "COPY equipment_reading (unit_id, tag, at, received_at, value, quality) FROM STDIN (FORMAT binary)"
USUAL_INTERVAL = timedelta(seconds=10)
SAMPLES_PER_SECOND = 30  # of a scaled clock: a day at ×8640 is then drawn by 300 points
_TYPES = ["uuid", "varchar", "timestamptz", "timestamptz", "float8", "varchar"]


def sampling_interval(site: Site) -> timedelta:
    """How often a tag is read, in process time: every ten seconds, and less often where the clock runs fast."""
    return max(USUAL_INTERVAL, timedelta(seconds=float(site.clock_scale) / SAMPLES_PER_SECOND))


def delivery_lag(site: Site) -> timedelta:
    """How far the newest reading may lie behind in process time: two samplings, or two sweeps of the gateway."""
    return max(sampling_interval(site) * 2, timedelta(seconds=2 * float(site.clock_scale)))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Readings on their way into the table. The id makes writing them twice the same as once."""

    id: UUID
    rows: Sequence[tuple[UUID, Reading]]


def write_readings(bundle: Bundle) -> int:
    """Write a bundle in one COPY; 0 when it was written before."""
    _ensure_partitions(reading.at for _, reading in bundle.rows)
    with transaction.atomic(), connection.cursor() as cursor:
        _, new = ReadingBatch.objects.get_or_create(id=bundle.id, defaults={"count": len(bundle.rows)})
        if not new:
            return 0
        # Django does not wrap copy(): without this a lost database would not be told from a fault of ours.
        with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for unit_id, each in bundle.rows:
                copy.write_row((unit_id, each.tag, each.at, each.received_at, each.value, str(each.quality)))
    return len(bundle.rows)


def _ensure_partitions(times: Iterable[datetime]) -> None:
    months = {(at.astimezone(UTC).year, at.astimezone(UTC).month) for at in times}
    for year, month in months:
        ensure_partition(datetime(year, month, 1, tzinfo=UTC))


def ensure_partition(moment: datetime) -> bool:
    """Make the month's partition ahead of its first reading. False when its rows stay in the default partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT equipment_ensure_reading_partition(%s)", [moment])
        return bool(cursor.fetchone()[0])


def last_reading_at(unit: Unit) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(at) FROM equipment_reading WHERE unit_id = %s", [unit.pk])
        last: datetime | None = cursor.fetchone()[0]
    return last


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a tag did in one slice of time. `low` and `high` are its extremes, so a single spike survives."""

    at: datetime
    low: float
    high: float
    last: float
    in_doubt: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without usable readings: it is shown, never filled."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Trend:
    unit_code: str
    tag: str
    label: str
    unit: str
    decimals: int
    start: datetime
    end: datetime
    buckets: tuple[Bucket, ...]
    gaps: tuple[Gap, ...]

    @property
    def latest(self) -> Bucket | None:
        return self.buckets[-1] if self.buckets else None


# Readings further apart than three usual intervals leave a gap between them, and so does one without a value.
GAP_FACTOR = 3
MOST_POINTS = 2000

_BUCKETS = """
SELECT tag, floor(extract(epoch FROM at - %(start)s) / %(width)s)::int AS slice,
       min(value), max(value), (array_agg(value ORDER BY at DESC))[1], bool_or(quality <> 'good'), max(at)
FROM equipment_reading
WHERE unit_id = %(unit)s AND tag = ANY(%(tags)s) AND at >= %(start)s AND at < %(end)s AND value IS NOT NULL
GROUP BY tag, slice ORDER BY tag, slice
"""

_GAPS = """
WITH good AS (
    SELECT tag, at, at - lag(at) OVER (PARTITION BY tag ORDER BY at) AS since FROM equipment_reading
    WHERE unit_id = %(unit)s AND tag = ANY(%(tags)s) AND at >= %(start)s AND at < %(end)s AND value IS NOT NULL
), usual AS (
    SELECT tag, percentile_disc(0.5) WITHIN GROUP (ORDER BY since) * %(factor)s AS most, max(at) AS last
    FROM good GROUP BY tag
)
SELECT tag, at - since, at FROM good JOIN usual USING (tag) WHERE since > most
UNION ALL
SELECT tag, last, %(known_until)s FROM usual WHERE %(known_until)s - last > greatest(most, %(lag)s)
ORDER BY 1, 2
"""


def trend(unit: Unit, tag: str, start: datetime, end: datetime, points: int = 500) -> Trend:
    """One tag over [start, end) in at most `points` slices, each with its minimum and maximum (never a mean).

    A stretch with no value for longer than three usual intervals is a gap; so is the silence after the last reading.
    """
    return trends(unit, [tag], start, end, points)[tag]


def trends(unit: Unit, tags: Sequence[str], start: datetime, end: datetime, points: int = 500) -> dict[str, Trend]:
    """The trends of several tags of a unit, in two queries whatever their number."""
    pages = {tag: _page(unit, tag) for tag in tags}
    if end <= start or not 1 <= points <= MOST_POINTS:
        raise InvalidInput(f"A trend runs forward in time and has 1 to {MOST_POINTS} points.", field="points")
    arguments: dict[str, Any] = {
        "unit": unit.pk,
        "tags": list(tags),
        "start": start,
        "end": end,
        "known_until": min(end, clock.now(unit.site)),
        "width": (end - start).total_seconds() / points,
        "factor": GAP_FACTOR,
        "lag": delivery_lag(unit.site),
    }
    buckets: dict[str, list[Bucket]] = {tag: [] for tag in tags}
    gaps: dict[str, list[Gap]] = {tag: [] for tag in tags}
    with connection.cursor() as cursor:
        cursor.execute(_BUCKETS, arguments)
        for tag, number, low, high, last, doubt, newest in cursor.fetchall():
            middle = start + (end - start) / points * (number + 0.5)
            buckets[tag].append(Bucket(min(newest, middle), low, high, last, doubt))
        cursor.execute(_GAPS, arguments)
        for tag, gap_start, gap_end in cursor.fetchall():
            gaps[tag].append(Gap(gap_start, gap_end))
    return {
        tag: Trend(
            unit.code,
            tag,
            page.label,
            page.unit,
            page.decimals,
            start,
            end,
            tuple(buckets[tag]),
            tuple(gaps[tag]),
        )
        for tag, page in pages.items()
    }


def _page(unit: Unit, tag: str) -> Tag:
    page = unit.page.tag(tag)
    if page is None:
        known = [each.name for each in unit.page.tags]
        raise InvalidInput(f"{unit.page.name} has no tag “{tag}”.", field="tag", known=known)
    return page


@dataclass(frozen=True, slots=True)
class LiveValue:
    """The newest reading of a tag and how far to trust it: live, late, down or not_known (ux 3b)."""

    tag: str
    label: str
    unit: str
    decimals: int
    value: float | None
    at: datetime | None
    quality: str | None
    state: str


def live_values(unit: Unit) -> list[LiveValue]:
    """The newest reading of each tag within the last day: live, late when overdue, down when overdue three times."""
    now, usual = clock.now(unit.site), delivery_lag(unit.site)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (tag) tag, value, at, quality FROM equipment_reading"
            " WHERE unit_id = %s AND at > %s AND at <= %s ORDER BY tag, at DESC",
            [unit.pk, now - max(timedelta(days=1), usual * 10), now],
        )
        newest = {tag: (value, at, quality) for tag, value, at, quality in cursor.fetchall()}
    return [
        LiveValue(
            each.name,
            each.label,
            each.unit,
            each.decimals,
            *newest.get(each.name, (None, None, None)),
            _state(newest.get(each.name), now, usual),
        )
        for each in unit.page.tags
    ]


def _state(newest: tuple[float | None, datetime, str] | None, now: datetime, usual: timedelta) -> str:
    if newest is None:
        return "not_known"
    value, at, _ = newest
    if value is None or math.isnan(value) or now - at > usual * GAP_FACTOR:
        return "down"
    return "late" if now - at > usual else "live"


CONNECTION = "connection"


def connection_lost(at: datetime, received_at: datetime) -> Reading:
    """The diagnostic record of a device that does not answer: no value, bad quality, never a substitute."""
    return Reading(CONNECTION, None, at, received_at, Quality.BAD)
