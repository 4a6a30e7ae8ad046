"""Where continuous counting was interrupted: the air of grade A is watched for as long as material is open (R-113).

Annex 1 of the EU GMP (2022), 9.16 to 9.18: the particles of grade A are monitored for the whole of critical
processing, and an interruption is found and assessed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from equipment.models import Unit
from equipment.readings import GAP_FACTOR, sampling_interval
from equipment.trends import Gap
from mes import clock

_INTERRUPTIONS = """
WITH heard AS (
    SELECT tag, at FROM equipment_reading
    WHERE unit_id = %(unit)s AND tag = ANY(%(tags)s) AND at > %(start)s AND at < %(end)s
        AND value IS NOT NULL AND quality <> 'bad'
    UNION ALL
    SELECT tag, at FROM unnest(%(tags)s) AS tag, unnest(ARRAY[%(start)s, %(end)s]::timestamptz[]) AS at
), spaced AS (
    SELECT at, lag(at) OVER (PARTITION BY tag ORDER BY at) AS before FROM heard
)
SELECT DISTINCT before, at FROM spaced WHERE at - before > %(most)s ORDER BY before, at
"""


def interruptions(unit: Unit, start: datetime, end: datetime) -> list[Gap]:
    """The times within [start, end] in which a counter of the unit told nothing for over three intervals.

    Empty for a unit that counts nothing, that is not connected, or whose clock runs fast for a demonstration: nobody
    can count in the time such a clock passes over.
    """
    tags = [tag.name for tag in unit.page.tags if tag.continuous]
    if not tags or not unit.adapter or clock.scale_mark(unit.site):
        return []
    most = GAP_FACTOR * sampling_interval(unit.site)
    asked: dict[str, Any] = {"unit": unit.pk, "tags": tags, "start": start, "end": end, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_INTERRUPTIONS, asked)
        return [Gap(*ends) for ends in cursor.fetchall()]
