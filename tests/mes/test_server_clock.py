"""Whatever the clock of a machine shows, Baton goes by the database's."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.backends.signals import connection_created

from mes import server_clock
from mes.beat.messages import worth_for
from mes.celery import app
from mes.ids import uuid7
from mes.server_clock import CLOCK, ServerClock

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("batches", "chain_of_identity", "equipment", "materials", "mes", "qc_release", "recipes", "scheduling")
OTHER_CLOCKS = re.compile(r"timezone\.now|time\.time|time_ns\(|datetime\.now|utcnow|time import now")
A_QUARTER = timedelta(minutes=15)


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        shown: datetime = cursor.fetchone()[0]
        return shown


def _shown(clock: ServerClock) -> datetime:
    return datetime.fromtimestamp(clock.now_ns() / 1e9, UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [A_QUARTER, -A_QUARTER])
@pytest.mark.req("R-015")
def test_a_machine_that_is_a_quarter_of_an_hour_wrong_shows_the_databases_time(wrong: timedelta) -> None:
    clock, asked = ServerClock(), _database_time()
    with time_machine.travel(datetime.now(UTC) + wrong):
        clock.set_by(connection)
        shown = _shown(clock)
    took = _database_time() - asked
    assert asked - took <= shown <= asked + 2 * took


@pytest.mark.django_db
def test_setting_a_machines_clock_moves_nothing() -> None:
    clock = ServerClock()
    clock.set_by(connection)
    asked = _database_time()
    with time_machine.travel(datetime.now(UTC) + A_QUARTER):
        shown = _shown(clock)
    took = _database_time() - asked
    assert asked - took <= shown <= asked + 2 * took + timedelta(seconds=1)


@pytest.mark.django_db
def test_asking_again_never_makes_the_clock_jitter() -> None:
    clock, before = ServerClock(), 0
    for _ in range(50):
        clock.set_by(connection)
        now = clock.now_ns()
        assert now >= before
        before = now


@pytest.mark.django_db(transaction=True)
def test_every_new_connection_sets_the_clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CLOCK_OF_THE_DATABASE = True
    clock = ServerClock()
    monkeypatch.setattr(server_clock, "CLOCK", clock)
    server_clock.follow_the_database()
    try:
        connection.close()
        with time_machine.travel(datetime.now(UTC) + A_QUARTER):
            asked = _database_time()
            assert server_clock.now() - asked < A_QUARTER / 2
            clock.set_in_time()
    finally:
        connection_created.disconnect(dispatch_uid="baton_clock")


def test_ids_sort_by_the_same_clock() -> None:
    first, second = uuid7(), uuid7()
    milliseconds = [each.int >> 80 for each in (first, second)]
    assert milliseconds == sorted(milliseconds)
    assert milliseconds[1] <= CLOCK.now_ns() // 1_000_000


def test_a_message_that_nobody_took_in_time_is_not_worked_on() -> None:
    done: list[str] = []

    @app.task(name="tests.note", shared=False)
    def note(word: str) -> None:
        done.append(word)

    note.apply(args=("in time",), headers=worth_for(60))
    note.apply(args=("too late",), headers=worth_for(-1))
    note.apply(args=("of no time",))
    assert done == ["in time", "of no time"]


def test_nothing_goes_by_another_clock() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if path.name != "server_clock.py"]
    read = {str(path.relative_to(ROOT)) for path in modules if OTHER_CLOCKS.search(path.read_text())}
    assert {path for path in read if "/migrations/" not in path} == set()
