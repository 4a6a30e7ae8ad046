"""Readings summed up: a trend over months reads ten-minute summaries and shows the same extremes and silences."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from equipment.adapters.base import Reading as Measured
from equipment.models import Unit
from equipment.readings import Bundle, write_readings
from equipment.summaries import slice_of, sum_up, summed_up_until
from equipment.tasks import upkeep
from equipment.trends import Trend, trend
from mes.accounts.models import Site
from tests.given import equipment as given

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAYS = 3
LAST = DAYS * 1440

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site)


@pytest.fixture(autouse=True)
def _after_those_days(unit: Unit) -> Iterator[None]:
    with time_machine.travel(START + (LAST + 5) * MINUTE, tick=False):
        yield


def at(minute: float, value: float) -> Measured:
    moment = START + minute * MINUTE
    return Measured("temperature", value, moment, moment)


def written(unit: Unit, *readings: Measured) -> None:
    write_readings(Bundle(uuid4(), [(unit.pk, each) for each in readings]))


def days_of_readings(unit: Unit) -> None:
    """Every minute 37 °C, one spike up, one down, silent from minute 2000 to 2100 and for 7 minutes from 3001 on."""
    silent = {*range(2000, 2100), *range(3001, 3008)}
    values = {minute: 37.0 for minute in range(LAST) if minute not in silent} | {1234: 41.7, 2718: 33.3}
    written(unit, *(at(minute, value) for minute, value in values.items()))


def shown(unit: Unit, points: int = 72) -> Trend:
    return trend(unit, "temperature", START, START + LAST * MINUTE, points=points)


def summaries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM equipment_readingsummary")
        return int(cursor.fetchone()[0])


def highest_summary() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(high) FROM equipment_readingsummary")
        return float(cursor.fetchone()[0])


def summed_up(unit: Unit) -> int:
    sum_up(unit.site)
    return sum_up(unit.site)


def test_the_first_call_only_notes_where_to_begin(unit: Unit) -> None:
    days_of_readings(unit)
    assert (sum_up(unit.site), summed_up_until(unit.site), summaries()) == (0, START, 0)


def test_a_site_without_readings_has_nothing_to_sum_up(unit: Unit) -> None:
    assert (sum_up(unit.site), summed_up_until(unit.site)) == (0, None)


def test_every_slice_that_has_ended_is_summed_up_once(unit: Unit) -> None:
    days_of_readings(unit)
    assert summed_up(unit) == LAST / 10 - 10
    assert summed_up_until(unit.site) == START + LAST * MINUTE
    assert sum_up(unit.site) == 0


def test_a_trend_of_summaries_shows_what_the_trend_of_readings_shows(unit: Unit) -> None:
    days_of_readings(unit)
    of_readings = shown(unit)
    summed_up(unit)
    of_summaries = shown(unit)
    assert of_summaries.gaps == of_readings.gaps
    assert [(each.low, each.high) for each in of_summaries.buckets] == [
        (each.low, each.high) for each in of_readings.buckets
    ]
    assert {each.high for each in of_summaries.buckets} == {37.0, 41.7}


def test_a_trend_over_days_is_drawn_from_summaries(unit: Unit) -> None:
    days_of_readings(unit)
    summed_up(unit)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE equipment_readingsummary SET high = 50 WHERE high = 41.7")
    assert max(each.high for each in shown(unit).buckets) == 50


def test_a_silence_within_ten_minutes_is_not_lost(unit: Unit) -> None:
    days_of_readings(unit)
    summed_up(unit)
    assert (START + 3000 * MINUTE, START + 3008 * MINUTE) in [(gap.start, gap.end) for gap in shown(unit).gaps]


def test_what_is_not_yet_summed_up_is_read_from_the_readings(unit: Unit) -> None:
    days_of_readings(unit)
    summed_up(unit)
    written(unit, at(LAST + 1, 39.0))
    latest = trend(unit, "temperature", START, START + (LAST + 4) * MINUTE, points=72).latest
    assert latest is not None
    assert latest.last == 39.0


def test_a_late_reading_is_summed_up_where_it_is_stored(unit: Unit) -> None:
    days_of_readings(unit)
    summed_up(unit)
    written(unit, at(2050.5, 44.4))
    assert highest_summary() == 44.4
    assert max(each.high for each in shown(unit).buckets) == 44.4


def test_a_fine_trend_reads_the_readings(unit: Unit) -> None:
    days_of_readings(unit)
    summed_up(unit)
    fine = trend(unit, "temperature", START + 1230 * MINUTE, START + 1240 * MINUTE, points=10)
    assert [each.high for each in fine.buckets] == [37.0] * 4 + [41.7] + [37.0] * 5


def test_upkeep_sums_up_every_site_by_itself(unit: Unit) -> None:
    days_of_readings(unit)
    upkeep()
    upkeep()
    assert summed_up_until(unit.site) == START + LAST * MINUTE
    assert summaries() == LAST / 10 - 10


def test_a_slice_begins_at_ten_full_minutes() -> None:
    assert slice_of(START + 19.99 * MINUTE) == START + 10 * MINUTE
