"""Trends: what tags did over a time, with every peak and every gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from equipment.classes import Tag
from equipment.models import Unit
from equipment.readings import GAP_FACTOR, delivery_lag
from equipment.summaries import SLICE, slice_of, summed_up_until
from mes import clock
from mes.errors import InvalidInput


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


MOST_POINTS = 2000
RESOLUTION = timedelta(microseconds=1)

# Pieces of what is known: single readings, and for what is summed up the summaries of ten minutes.
_PIECES = """
WITH piece AS (
    SELECT tag, at AS first_at, at AS last_at, value AS low, value AS high, value AS last,
           quality <> 'good' AS in_doubt, 1 AS readings, NULL::timestamptz AS gap_start, NULL::timestamptz AS gap_end
    FROM equipment_reading
    WHERE unit_id = %(unit)s AND tag = ANY(%(tags)s) AND value IS NOT NULL
        AND (at >= %(start)s AND at < %(summed_from)s OR at >= %(summed_until)s AND at < %(end)s)
    UNION ALL
    SELECT tag, first_at, last_at, low, high, last, in_doubt, readings, gap_start, gap_end
    FROM equipment_readingsummary
    WHERE unit_id = %(unit)s AND tag = ANY(%(tags)s) AND start >= %(summed_from)s AND start < %(summed_until)s
)
"""
_BUCKETS = """
SELECT tag, floor(extract(epoch FROM last_at - %(start)s) / %(width)s)::int AS slice,
       min(low), max(high), (array_agg(last ORDER BY last_at DESC))[1], bool_or(in_doubt), max(last_at)
FROM piece GROUP BY tag, slice ORDER BY tag, slice
"""

_GAPS = """
, spaced AS (
    SELECT *, first_at - lag(last_at) OVER (PARTITION BY tag ORDER BY first_at) AS since FROM piece
), usual AS (
    SELECT tag, max(last_at) AS last, %(factor)s * percentile_disc(0.5) WITHIN GROUP (
        ORDER BY CASE WHEN readings > 1 THEN (last_at - first_at) / (readings - 1) ELSE since END
    ) AS most
    FROM spaced GROUP BY tag
)
SELECT tag, first_at - since, first_at FROM spaced JOIN usual USING (tag) WHERE since > most
UNION ALL
SELECT tag, gap_start, gap_end FROM spaced JOIN usual USING (tag) WHERE gap_end - gap_start > most
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
    """The trends of several tags of a unit, in three queries whatever their number.

    Where a slice of the trend is at least as long as a summary, it is drawn from summaries: an extreme may then stand
    up to ten minutes from its place, and of several silences within ten minutes the longest is shown.
    """
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
        **_summed_up(unit, start, end, points),
        "factor": GAP_FACTOR,
        "lag": delivery_lag(unit.site),
    }
    buckets: dict[str, list[Bucket]] = {tag: [] for tag in tags}
    gaps: dict[str, list[Gap]] = {tag: [] for tag in tags}
    with connection.cursor() as cursor:
        cursor.execute(_PIECES + _BUCKETS, arguments)
        for tag, number, low, high, last, doubt, newest in cursor.fetchall():
            middle = start + (end - start) / points * (number + 0.5)
            buckets[tag].append(Bucket(min(newest, middle), low, high, last, doubt))
        cursor.execute(_PIECES + _GAPS, arguments)
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


def _summed_up(unit: Unit, start: datetime, end: datetime, points: int) -> dict[str, datetime]:
    """The part of [start, end) to be read from summaries; an empty one at its start where slices are too short."""
    if (end - start) / points >= SLICE and (until := summed_up_until(unit.site)):
        summed_from, summed_until = slice_of(start - RESOLUTION) + SLICE, min(until, slice_of(end))
        if summed_from < summed_until:
            return {"summed_from": summed_from, "summed_until": summed_until}
    return {"summed_from": start, "summed_until": start}


def _page(unit: Unit, tag: str) -> Tag:
    page = unit.page.tag(tag)
    if page is None:
        known = [each.name for each in unit.page.tags]
        raise InvalidInput(f"{unit.page.name} has no tag “{tag}”.", field="tag", known=known)
    return page
