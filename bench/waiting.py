"""P13, R2 and R5: ten thousand batches that wait: what that costs, and how late holds end while Baton is killed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Flag

import psycopg
import redis
from django.conf import settings

from batches import services
from bench.completion import web_server
from bench.crowd import crowd
from bench.measures import ROUND_TRIPS, Latency, number, say
from bench.operators import readings_coming_in
from bench.situation import LAST_STEP, RECIPE, STEP
from mes import server_clock
from tests.given import batches as given
from tests.given import people
from tests.given import recipes as given_recipes
from tools.faults.plant import Process, commands

WAITING = 10_000
MINUTES = 60
SETTLING, IDLE_SECONDS = 20.0, 60.0
DUE, EVERY = 600, timedelta(seconds=0.2)
KILLED = ("worker", "other worker", "beat", "other beat")
BETWEEN_KILLS = 10.0
LONGEST_DRAIN = timedelta(minutes=5)
TICKS = os.sysconf("SC_CLK_TCK")
HOLD = f"""\
          - id: S002
            kind: timed_hold
            title: Let it stand
            text: Let the bag stand.
            equipment: incubator
            hold: {{minutes: {MINUTES}, tolerance_minutes: 60, illustrative: true}}
"""
SOURCE = "".join((RECIPE.replace("S002.volume", "S003.volume"), HOLD, STEP.format(id="S003"), LAST_STEP))
_COMES_DUE = """
WITH chosen AS (SELECT id, row_number() OVER () AS number FROM batches_step
                WHERE key = 'S002' AND status = 'RUNNING' LIMIT %(due)s)
UPDATE batches_step AS step
SET due_at = %(first)s + number * %(every)s, started_at = %(first)s + number * %(every)s - %(hold)s
FROM chosen WHERE chosen.id = step.id
"""
_ENDS = """
SELECT started_at + %(hold)s, ended_at,
       (SELECT count(*) FROM records_event, jsonb_array_elements(moves) AS move
        WHERE batch_id = step.batch_id AND move->>'subject' = step.id::text AND move->>'to' = 'COMPLETE')
FROM batches_step AS step WHERE key = 'S002' AND started_at + %(hold)s BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True)
class Idle:
    """Share of one core that all processes of Baton and its servers take while nothing happens."""

    core: float
    statements_per_second: float

    def __str__(self) -> str:
        return f"{self.core * 100:.1f} % of a core, {self.statements_per_second:.0f} statements a second"


class Waiting:
    def __init__(self, superuser: psycopg.Connection, directory: Path) -> None:
        self.superuser, self.directory = superuser, directory
        site = people.a_site()
        version = given_recipes.approved(given_recipes.draft(site, source=SOURCE))
        batch = given.running_batch(site, recipe=given.trained(version))
        given.done(given.step(batch, "S001"))
        services.bind_unit(actor=people.persona(site, "olga"), step=given.started(batch, "S002"), code="INC-1")
        say(f"copying {WAITING} waiting batches")
        crowd(superuser, batch, first=1, last=WAITING)

    def results(self) -> dict[str, object]:
        with web_server(self.directory), self._processes() as processes:
            idle = self._idle(processes)
            with readings_coming_in():
                late, goes_on, wrong = self._killed(processes)
        return {
            "P13": idle,
            "R2": goes_on,
            "R5": late,
            "R5 early or twice": wrong,
            "R5 pending": WAITING,
        }

    @contextmanager
    def _processes(self) -> Iterator[dict[str, Process]]:
        wanted = commands({"gateway": self.directory / "gateway"})
        running = {
            name: Process(command, os.environ, self.directory / f"{name}.log") for name, command in wanted.items()
        }
        for process in running.values():
            process.start()
        try:
            yield running
        finally:
            for process in running.values():
                process.kill()

    def _idle(self, processes: dict[str, Process]) -> Idle:
        Flag().wait(SETTLING)
        self.superuser.execute("SELECT pg_stat_statements_reset()")
        before = self._used(processes)
        Flag().wait(IDLE_SECONDS)
        used = self._used(processes) - before
        return Idle(used / IDLE_SECONDS, number(self.superuser, ROUND_TRIPS) / IDLE_SECONDS)

    def _used(self, processes: dict[str, Process]) -> float:
        """Seconds of processor time so far: ours, PostgreSQL's and Valkey's. The web server is not among them."""
        sessions = {process.running.pid for process in processes.values()}
        postmaster = int((self.directory / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            told = broker.info("cpu")
        return _seconds_of(sessions, postmaster) + float(told["used_cpu_sys"]) + float(told["used_cpu_user"])

    def _killed(self, processes: dict[str, Process]) -> tuple[Latency, Latency, int]:
        first = server_clock.now() + timedelta(seconds=15)
        last = first + EVERY * (DUE + 1)
        facts = {"due": DUE, "first": first, "last": last, "every": EVERY, "hold": timedelta(minutes=MINUTES)}
        with self.superuser.transaction():
            self.superuser.execute("SET LOCAL session_replication_role = replica")
            self.superuser.execute(_COMES_DUE, facts)
        kills = list(_kill(processes, until=last))
        ends = self._ended(facts)
        late = Latency.of_all([(end - due).total_seconds() for due, end, _ in ends])
        goes_on = [min(end for due, end, _ in ends if due > kill) - kill for kill in kills if kill < last - EVERY]
        wrong = sum(end < due or moves != 1 for due, end, moves in ends)
        return late, Latency.of_all([each.total_seconds() for each in goes_on]), wrong

    def _ended(self, facts: dict[str, object]) -> list[tuple[datetime, datetime, int]]:
        """Due, end and number of ends of every hold, once all have ended: late is a result, never is a failure."""
        until = server_clock.now() + LONGEST_DRAIN
        while True:
            ends = self.superuser.execute(_ENDS, facts).fetchall()
            waiting = sum(end is None for _, end, _ in ends)
            if len(ends) == DUE and not waiting:
                return ends
            if server_clock.now() > until:
                raise RuntimeError(f"{waiting} of {len(ends)} holds have not ended.")
            Flag().wait(1)


def _kill(processes: dict[str, Process], *, until: datetime) -> Iterator[datetime]:
    """One after the other, every few seconds: when each was killed."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    while server_clock.now() < until:
        Flag().wait(BETWEEN_KILLS)
        process = processes[chance.choice(KILLED)]
        process.kill()
        yield server_clock.now()
        process.start()


def _seconds_of(sessions: set[int], postmaster: int) -> float:
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent, _, session, *rest = stat.read_text().rpartition(")")[2].split()[1:]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) in sessions or int(parent) == postmaster or stat.parent.name == str(postmaster):
            ticks += int(rest[7]) + int(rest[8])
    return ticks / TICKS
