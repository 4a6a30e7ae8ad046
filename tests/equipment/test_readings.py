"""Readings: written in bulk, kept for good, drawn with every spike and every gap."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from equipment.adapters.base import Quality
from equipment.adapters.base import Reading as Measured
from equipment.models import Reading, ReadingBatch, Unit
from equipment.readings import Bundle, connection_lost, ensure_partition, last_reading_at, live_values, write_readings
from equipment.trends import trend
from mes import clock
from mes.accounts.models import Site
from mes.errors import InvalidInput
from tests.given import equipment as given

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site)


def at(minute: float, value: float | None, tag: str = "temperature", quality: Quality = Quality.GOOD) -> Measured:
    moment = START + minute * MINUTE
    return Measured(tag, value, moment, moment, quality)


def written(unit: Unit, *readings: Measured) -> int:
    return write_readings(Bundle(uuid4(), [(unit.pk, each) for each in readings]))


def partition_of(moment: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM equipment_reading WHERE at = %s", [moment])
        return str(cursor.fetchone()[0])


def test_a_bundle_is_stored_with_value_both_times_and_quality(unit: Unit) -> None:
    late = Measured("ph", 7.123456789, START, START + MINUTE, Quality.UNCERTAIN)
    assert written(unit, late) == 1
    row = Reading.objects.get()
    assert (row.unit_id, row.tag, row.value) == (unit.pk, "ph", 7.123456789)
    assert (row.at, row.received_at, row.quality) == (START, START + MINUTE, "uncertain")


def test_a_bundle_written_twice_is_stored_once(unit: Unit) -> None:
    bundle = Bundle(uuid4(), [(unit.pk, at(0, 37.0)), (unit.pk, at(1, 37.1))])
    assert [write_readings(bundle), write_readings(bundle)] == [2, 0]
    assert Reading.objects.count() == 2
    assert ReadingBatch.objects.get().count == 2


def test_readings_go_into_the_partition_of_their_month(unit: Unit) -> None:
    written(unit, at(0, 37.0), Measured("temperature", 37.0, START + timedelta(days=40), START))
    assert partition_of(START) == "equipment_reading_2026_03"
    assert partition_of(START + timedelta(days=40)) == "equipment_reading_2026_04"


def test_a_reading_from_an_impossible_time_is_kept_too(unit: Unit) -> None:
    ancient = datetime(1980, 1, 1, tzinfo=UTC)
    assert ensure_partition(ancient) is False
    written(unit, Measured("temperature", 37.0, ancient, START))
    assert partition_of(ancient) == "equipment_reading_other"


@pytest.mark.req("R-007")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE equipment_reading SET value = 37",
        "DELETE FROM equipment_reading",
        "TRUNCATE equipment_reading",
        "UPDATE equipment_reading_2026_03 SET value = 37",
        "DELETE FROM equipment_reading_2026_03",
        "TRUNCATE equipment_reading_2026_03",
        "DROP TABLE equipment_reading_2026_03",
    ],
)
def test_the_runtime_role_cannot_change_a_reading(unit: Unit, statement: str) -> None:
    written(unit, at(0, 39.9))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Reading.objects.get().value == 39.9


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["UPDATE {} SET value = 37", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["equipment_reading", "equipment_reading_2026_03"])
def test_the_database_refuses_even_its_owner(site: Site, superuser: psycopg.Connection, verb: str, table: str) -> None:
    written(given.unit(site), at(0, 39.9))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed this way"):
        superuser.execute(verb.format(table))


def test_a_value_is_missing_only_with_bad_quality(unit: Unit) -> None:
    with pytest.raises(ValueError, match="is bad"):
        at(0, None)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO equipment_reading VALUES (%s, 'ph', now(), now(), NULL, 'good')", [unit.pk])
    written(unit, at(0, None, quality=Quality.BAD))


def test_a_single_spike_survives_a_thousandfold_reduction(unit: Unit) -> None:
    values = [at(minute, 37.0) for minute in range(5000)]
    values[3210] = at(3210, 41.7)
    values[1111] = at(1111, 33.3)
    written(unit, *values)
    shown = trend(unit, "temperature", START, START + 5000 * MINUTE, points=5)
    assert len(shown.buckets) == 5
    assert [bucket.high for bucket in shown.buckets] == [37.0, 37.0, 37.0, 41.7, 37.0]
    assert [bucket.low for bucket in shown.buckets] == [37.0, 33.3, 37.0, 37.0, 37.0]


def test_a_gap_stays_a_gap(unit: Unit) -> None:
    written(unit, *(at(minute, 37.0) for minute in range(120) if not 50 <= minute < 92))
    shown = trend(unit, "temperature", START, START + 120 * MINUTE, points=60)
    [gap] = shown.gaps
    assert (gap.start, gap.end) == (START + 49 * MINUTE, START + 92 * MINUTE)
    assert not [bucket for bucket in shown.buckets if gap.start < bucket.at < gap.end]


def test_readings_without_a_value_leave_a_gap_and_no_substitute(unit: Unit) -> None:
    lost = [at(minute, None, quality=Quality.BAD) for minute in range(20, 40)]
    written(unit, *(at(minute, 37.0) for minute in (*range(20), *range(40, 60))), *lost)
    shown = trend(unit, "temperature", START, START + 60 * MINUTE, points=60)
    assert [(gap.start, gap.end) for gap in shown.gaps] == [(START + 19 * MINUTE, START + 40 * MINUTE)]
    assert len(shown.buckets) == 40


def test_silence_after_the_last_reading_is_a_gap(unit: Unit) -> None:
    written(unit, *(at(minute, 37.0) for minute in range(30)))
    shown = trend(unit, "temperature", START, START + 60 * MINUTE)
    assert [(gap.start, gap.end) for gap in shown.gaps] == [(START + 29 * MINUTE, START + 60 * MINUTE)]


def test_steady_readings_have_no_gap_however_finely_they_are_sliced(unit: Unit) -> None:
    written(unit, *(at(minute, 37.0) for minute in range(60)))
    assert trend(unit, "temperature", START, START + 60 * MINUTE, points=2000).gaps == ()


def test_an_uncertain_reading_marks_its_slice(unit: Unit) -> None:
    written(unit, at(0, 37.0), at(1, 60.0, quality=Quality.UNCERTAIN))
    shown = trend(unit, "temperature", START, START + 2 * MINUTE, points=2)
    assert [bucket.in_doubt for bucket in shown.buckets] == [False, True]


def test_another_unit_and_another_tag_do_not_mix_in(unit: Unit, site: Site) -> None:
    written(unit, at(0, 37.0), at(0, 7.2, tag="ph"))
    written(given.unit(site), at(0, 20.0))
    shown = trend(unit, "temperature", START, START + MINUTE)
    assert [bucket.high for bucket in shown.buckets] == [37.0]


@pytest.mark.parametrize(("tag", "points"), [("colour", 10), ("temperature", 0), ("temperature", 2001)])
def test_refuses_a_trend_that_cannot_be_drawn(unit: Unit, tag: str, points: int) -> None:
    with pytest.raises(InvalidInput):
        trend(unit, tag, START, START + MINUTE, points=points)


def test_a_value_is_live_then_late_then_down_and_before_that_not_known(unit: Unit) -> None:
    now = clock.now(unit.site)
    written(unit, Measured("temperature", 37.0, now, now))

    def states(after: float) -> dict[str, str]:
        with time_machine.travel(now + timedelta(seconds=after)):
            return {each.tag: each.state for each in live_values(unit)}

    assert [states(after)["temperature"] for after in (19, 21, 61)] == ["live", "late", "down"]
    assert states(1)["ph"] == "not_known"


def test_a_lost_connection_is_a_record_without_a_value(unit: Unit) -> None:
    written(unit, connection_lost(START, START))
    row = Reading.objects.get()
    assert (row.tag, row.value, row.quality) == ("connection", None, "bad")
    assert last_reading_at(unit) == START
