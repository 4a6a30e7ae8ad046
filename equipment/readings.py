"""The readings: written in bulk, never changed; the newest of each tag, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from equipment.adapters.base import Quality, Reading
from equipment.classes import Tag
from equipment.models import ReadingBatch, Unit
from equipment.summaries import sum_up_again
from mes import clock
from mes.accounts.models import Site

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
        sum_up_again(bundle.rows)
    return len(bundle.rows)


def _ensure_partitions(times: Iterable[datetime]) -> None:
    months = {(at.year, at.month) for at in (each.astimezone(UTC) for each in set(times))}
    for year, month in months:
        ensure_partition(datetime(year, month, 1, tzinfo=UTC))


def ensure_partition(moment: datetime) -> bool:
    """Make the month's partition ahead of its first reading. False when its rows stay in the default partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT equipment_ensure_reading_partition(%s)", [moment])
        return bool(cursor.fetchone()[0])


# How far back to look for the newest reading of a unit, near first: the table is ordered by time only.
_LOOKS_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=31))


def last_reading_at(unit: Unit) -> datetime | None:
    """When the newest reading of a unit was taken; None when it never gave one."""
    now = clock.now(unit.site)
    for since in (*(now - each for each in _LOOKS_BACK), datetime.min.replace(tzinfo=UTC)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(at) FROM equipment_reading WHERE unit_id = %s AND at > %s", [unit.pk, since])
            last: datetime | None = cursor.fetchone()[0]
        if last is not None:
            return last
    return None


# Readings further apart than three usual intervals leave a gap between them, and so does one without a value.
GAP_FACTOR = 3


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


_Newest = tuple[float | None, datetime, str]
_NEWEST = """
SELECT DISTINCT ON (tag) tag, value, at, quality FROM equipment_reading
WHERE unit_id = %s AND at > %s AND at <= %s ORDER BY tag, at DESC
"""


def live_values(unit: Unit) -> list[LiveValue]:
    """The newest reading of each tag within the last day: live, late when overdue, down when overdue three times."""
    now, usual = clock.now(unit.site), delivery_lag(unit.site)
    newest = _newest(unit, now - usual * GAP_FACTOR, now)
    if len(newest) < len(unit.page.tags):
        newest = _newest(unit, now - max(timedelta(days=1), usual * 10), now)
    return [_live_value(each, newest.get(each.name), now, usual) for each in unit.page.tags]


def _live_value(tag: Tag, newest: _Newest | None, now: datetime, usual: timedelta) -> LiveValue:
    value, at, quality = newest or (None, None, None)
    state = _state(newest, now, usual)
    return LiveValue(tag.name, tag.label, tag.unit, tag.decimals, value, at, quality, state)


def _newest(unit: Unit, since: datetime, now: datetime) -> dict[str, _Newest]:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [unit.pk, since, now])
        return {tag: (value, at, quality) for tag, value, at, quality in cursor.fetchall()}


def _state(newest: _Newest | None, now: datetime, usual: timedelta) -> str:
    if newest is None:
        return "not_known"
    value, at, _ = newest
    if value is None or math.isnan(value) or now - at > usual * GAP_FACTOR:
        return "down"
    return "late" if now - at > usual else "live"


CONNECTION, MESSAGES = "connection", "messages"


def messages_lost(at: datetime, received_at: datetime) -> Reading:
    """The diagnostic record of a device that told something we never heard."""
    return Reading(MESSAGES, None, at, received_at, Quality.BAD)


def connection_lost(at: datetime, received_at: datetime) -> Reading:
    """The diagnostic record of a device that does not answer: no value, bad quality, never a substitute."""
    return Reading(CONNECTION, None, at, received_at, Quality.BAD)
