"""P7, P8 and P9: readings through everything the gateway does with them, and trends over very many of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from threading import Event as Flag
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from bench.measures import Latency, Ratio, say, seconds
from equipment.adapters.base import Reading
from equipment.gateway.site import take_in
from equipment.models import Alarm, Unit
from equipment.queries import trend
from equipment.readings import Bundle, ensure_partition
from equipment.summaries import sum_up
from mes import clock
from mes.accounts.models import Site
from mes.ids import uuid7
from tests.given import alarms, people
from tests.given import equipment as given

ROUNDS, EACH = 8, 5
UNITS = 20
DAYS = 60
POINTS = 1000
TAGS_AT_ONCE = 8000
REPEATS = 9
BETWEEN_BUNDLES = 10.0

_COPY = "COPY yardstick.bare_reading FROM STDIN (FORMAT binary)"
_TYPES = ["uuid", "varchar", "timestamptz", "timestamptz", "float8", "varchar"]
_FILL = """
INSERT INTO equipment_reading
SELECT unit, tag, at, at, 37 + sin(extract(epoch FROM at) / 900) / 10, 'good'
FROM generate_series(%(start)s::timestamptz, %(end)s - %(step)s, %(step)s) AS at,
     unnest(%(units)s::uuid[]) AS unit, unnest(%(tags)s::text[]) AS tag
"""
_LAST_MINUTE = "SELECT unit_id, tag, at, value, quality FROM equipment_reading WHERE at >= %s"


class Telemetry:
    """A site of twenty incubators, every tag of theirs with a limit."""

    def __init__(self, superuser: psycopg.Connection, rows: int) -> None:
        self.superuser = superuser
        self.rows = rows
        self.site: Site = people.a_site()
        self.units: list[Unit] = [given.unit(self.site) for _ in range(UNITS)]
        self.tags = [tag.name for tag in self.units[0].page.tags]
        self._moments = self._every_second()
        for unit in self.units:
            self._limit(unit)
        superuser.execute("CREATE SCHEMA IF NOT EXISTS yardstick")
        superuser.execute("CREATE TABLE yardstick.bare_reading (LIKE equipment_reading)")

    def results(self) -> dict[str, object]:
        intake, alarms = self._intake()
        return {"P7": intake, "P8": alarms} | self._long_trends()

    def _intake(self) -> tuple[Ratio, Latency]:
        """Bundles of `TAGS_AT_ONCE` readings, one of them out of its limit, against a COPY of the same rows."""
        ensure_partition(clock.now(self.site))
        ours: list[float] = []
        theirs: list[float] = []
        until_alarm: list[float] = []
        for _ in range(ROUNDS):
            bundles = [self.bundle() for _ in range(EACH)]
            theirs.append(seconds([partial(self._copy_bare, bundle) for bundle in bundles]))
            taken = [seconds([partial(take_in, bundle)]) for bundle in bundles]
            ours.append(sum(taken))
            until_alarm += taken
        if Alarm.objects.filter(unit__site=self.site).count() < ROUNDS * EACH // 2:
            raise RuntimeError("The readings out of limits raised no alarms: nothing was judged.")
        return Ratio.of(ours, theirs, EACH * TAGS_AT_ONCE), Latency.of_all(until_alarm)

    def bundle(self) -> Bundle:
        """Several moments of every tag; every second bundle ends out of limits, the next one is back within."""
        sources = [(unit.pk, tag) for unit in self.units for tag in self.tags]
        rows: list[tuple[UUID, Reading]] = []
        while len(rows) < TAGS_AT_ONCE:
            moment, _ = next(self._moments)
            rows += [(unit, Reading(tag, 37.0, moment, moment)) for unit, tag in sources]
        moment, number = next(self._moments)
        rows.append((self.units[0].pk, Reading("temperature", 45.0 if number % 2 else 37.0, moment, moment)))
        self._newest = moment
        return Bundle(uuid7(), rows)

    def _copy_bare(self, bundle: Bundle) -> None:
        with self.superuser.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for unit_id, each in bundle.rows:
                copy.write_row((unit_id, each.tag, each.at, each.received_at, each.value, str(each.quality)))

    def _every_second(self) -> Iterator[tuple[datetime, int]]:
        start = clock.now(self.site)
        return ((start + timedelta(seconds=number), number) for number in count())

    def _limit(self, unit: Unit) -> None:
        """Every tag has a limit; only that of the temperature is ever passed."""
        for tag in self.tags:
            alarms.definition(unit, tag=tag, low=None, high="40", delay_seconds=0)

    def _fill(self) -> tuple[datetime, datetime]:
        """As many readings as asked for, evenly over the days, and their summaries."""
        end = clock.now(self.site).replace(minute=0, second=0, microsecond=0)
        start = end - timedelta(days=DAYS)
        step = timedelta(days=DAYS) * UNITS * len(self.tags) / self.rows
        for day in range(DAYS):
            first = start + timedelta(days=day)
            ensure_partition(first)
            say(f"readings of day {day + 1} of {DAYS}")
            arguments: dict[str, Any] = {"step": step, "units": [unit.pk for unit in self.units], "tags": self.tags}
            with connection.cursor() as cursor:
                cursor.execute(_FILL, arguments | {"start": first, "end": first + timedelta(days=1)})
        self.superuser.execute("VACUUM ANALYZE equipment_reading")
        sum_up(self.site)
        sum_up(self.site)
        self.superuser.execute("VACUUM ANALYZE equipment_readingsummary")
        return start, end

    def _last_minute(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_LAST_MINUTE, [self._newest - timedelta(minutes=1)])
            return len(cursor.fetchall())

    def _long_trends(self) -> dict[str, object]:
        start, end = self._fill()
        [unit, *_] = self.units
        took = [
            seconds([partial(trend, unit, self.tags[number % len(self.tags)], start, end, POINTS)])
            for number in range(REPEATS)
        ]
        minute = [seconds([self._last_minute]) for _ in range(REPEATS)]
        return {
            "P9 60 days of one tag": Latency.of_all(took),
            "P9 last minute of all tags": Latency.of_all(minute),
            "P9 readings": self.rows,
        }


def stream(superuser: psycopg.Connection) -> dict[str, object]:
    """`TAGS_AT_ONCE` readings every ten seconds, until killed."""
    telemetry = Telemetry(superuser, rows=0)
    ensure_partition(clock.now(telemetry.site))
    while True:
        take_in(telemetry.bundle())
        Flag().wait(BETWEEN_BUNDLES)
