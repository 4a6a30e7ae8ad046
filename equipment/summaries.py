"""Readings summed up: what a tag did in each ten minutes, kept so that a trend over months stays quick.

A summary loses no spike (it has the extremes) and no silence (it has the longest one). It is derived: the readings
stay as they are, and a late one has its ten minutes summed up again in the transaction that stores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from equipment.adapters.base import Reading
from equipment.models import Unit
from mes import clock
from mes.accounts.models import Site

SLICE = timedelta(minutes=10)
SETTLED_AFTER = timedelta(minutes=2)  # a slice is summed up this long after its end: what comes later is rare
AT_ONCE = timedelta(days=1)  # one statement sums up no more than this

_SUM_UP = """
INSERT INTO equipment_readingsummary
SELECT unit_id, tag, start, count(*), min(value), max(value), (array_agg(value ORDER BY at DESC))[1],
       bool_or(quality <> 'good'), min(at), max(at),
       (array_agg(at - since ORDER BY since DESC NULLS LAST))[1], (array_agg(at ORDER BY since DESC NULLS LAST))[1]
FROM (
    SELECT *, at - lag(at) OVER (PARTITION BY unit_id, tag, start ORDER BY at) AS since
    FROM (
        SELECT unit_id, tag, at, value, quality, date_bin('10 minutes', at, 'epoch') AS start FROM equipment_reading
        WHERE unit_id = ANY(%(units)s) AND at >= %(start)s AND at < %(end)s AND value IS NOT NULL
    ) AS sliced
) AS spaced
GROUP BY unit_id, tag, start
ON CONFLICT (unit_id, tag, start) DO UPDATE SET
    readings = EXCLUDED.readings, low = EXCLUDED.low, high = EXCLUDED.high, last = EXCLUDED.last,
    in_doubt = EXCLUDED.in_doubt, first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at,
    gap_start = EXCLUDED.gap_start, gap_end = EXCLUDED.gap_end
"""
_UNTIL = "SELECT until FROM equipment_summedup WHERE site_id = %s"
_UNTIL_ALONE = f"{_UNTIL} FOR UPDATE"
_UNTIL_SHARED = """
SELECT unit.id, summed.until FROM equipment_summedup AS summed JOIN equipment_unit AS unit USING (site_id)
WHERE unit.id = ANY(%s) FOR SHARE OF summed
"""
_BEGIN = """
INSERT INTO equipment_summedup
SELECT %(site)s, date_bin('10 minutes', min(at), 'epoch') FROM equipment_reading WHERE unit_id = ANY(%(units)s)
HAVING min(at) IS NOT NULL
"""


def slice_of(moment: datetime) -> datetime:
    """The start of the slice that `moment` lies in."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute // 10 * 10, second=0, microsecond=0)


def summed_up_until(site: Site) -> datetime | None:
    """Up to when a trend may read summaries; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL, [site.pk])
        row = cursor.fetchone()
    return row[0] if row else None


def sum_up(site: Site) -> int:
    """Sum up every slice of the site that has ended; the number of summaries written.

    The first call only notes where to begin: nobody who began to write before it can then be unaware of it.
    """
    units = list(Unit.objects.filter(site=site).values_list("pk", flat=True))
    if summed_up_until(site) is None:
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, {"site": site.pk, "units": units})
        return 0
    end, written = slice_of(clock.now(site) - SETTLED_AFTER), 0
    while (done := _sum_up_a_part(site, units, end)) is not None:
        written += done
    return written


@transaction.atomic
def _sum_up_a_part(site: Site, units: list[UUID], end: datetime) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL_ALONE, [site.pk])
        start: datetime = cursor.fetchone()[0]
        if start >= end:
            return None
        part = min(start + AT_ONCE, end)
        cursor.execute(_SUM_UP, {"units": units, "start": start, "end": part})
        written: int = cursor.rowcount
        cursor.execute("UPDATE equipment_summedup SET until = %s WHERE site_id = %s", [part, site.pk])
    return written


def sum_up_again(rows: Sequence[tuple[UUID, Reading]]) -> None:
    """The slices of those `rows` that came late, after theirs was summed up. Call it where the rows are stored."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL_SHARED, [list({unit for unit, _ in rows})])
        until = dict(cursor.fetchall())
        for unit, start in _late_slices(rows, until):
            cursor.execute(_SUM_UP, {"units": [unit], "start": start, "end": start + SLICE})


def _late_slices(rows: Iterable[tuple[UUID, Reading]], until: dict[UUID, datetime]) -> list[tuple[UUID, datetime]]:
    if not until:
        return []
    newest = max(until.values())  # what came after it is not looked up: nearly always, that is all of them
    late = [(unit, each.at) for unit, each in rows if each.at < newest]
    return sorted({(unit, slice_of(at)) for unit, at in late if unit in until and at < until[unit]})
