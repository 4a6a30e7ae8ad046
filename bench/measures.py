"""Ratios from interleaved rounds, and counters that carry no noise."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, is_dataclass

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

Work = Callable[[], object]

ROUND_TRIPS = """
SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = 'baton' AND toplevel
"""
FLUSHES = "SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'"
WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'"


@dataclass(frozen=True)
class Ratio:
    """Rate of the subject ÷ rate of the yardstick, over the rounds."""

    median: float
    least: float
    most: float
    subject_per_second: float
    yardstick_per_second: float

    @classmethod
    def of(cls, subject: Sequence[float], yardstick: Sequence[float], each: int) -> "Ratio":
        ratios = [theirs / ours for ours, theirs in zip(subject, yardstick, strict=True)]
        return cls(
            median=statistics.median(ratios),
            least=min(ratios),
            most=max(ratios),
            subject_per_second=each / statistics.median(subject),
            yardstick_per_second=each / statistics.median(yardstick),
        )

    def __str__(self) -> str:
        rates = f"{self.subject_per_second:.0f}/s against {self.yardstick_per_second:.0f}/s"
        return f"{self.median:.3f} (min {self.least:.3f}, max {self.most:.3f}; {rates})"


@dataclass(frozen=True)
class Latency:
    """Seconds: the middle one, the 99th of a hundred and the worst."""

    p50: float
    p99: float
    most: float
    of: int

    @classmethod
    def of_all(cls, measured: Sequence[float]) -> "Latency":
        ordered = sorted(measured)
        return cls(ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1], len(ordered))

    def __str__(self) -> str:
        return (
            f"p50 {self.p50 * 1000:.0f} ms, p99 {self.p99 * 1000:.0f} ms, most {self.most * 1000:.0f} ms of {self.of}"
        )


@dataclass(frozen=True)
class Cost:
    """What one completion costs the database server."""

    round_trips: float
    flushes: float
    wal_bytes: float

    def __str__(self) -> str:
        return f"{self.round_trips:.1f} round trips, {self.flushes:.1f} flushes, {self.wal_bytes / 1000:.1f} kB WAL"


def seconds(todo: Sequence[Work]) -> float:
    start = time.perf_counter()
    for work in todo:
        work()
    return time.perf_counter() - start


def cost(superuser: psycopg.Connection, todo: Sequence[Work], session: BaseDatabaseWrapper) -> Cost:
    """In a session of its own, whose beginning is not counted: a server process tells its counters when it ends."""
    session.close()
    session.ensure_connection()
    superuser.execute("SELECT pg_stat_statements_reset()")
    flushes, wal = number(superuser, FLUSHES), number(superuser, WAL)
    seconds(todo)
    wal = number(superuser, WAL) - wal
    trips = number(superuser, ROUND_TRIPS)
    process = session.connection.info.backend_pid
    session.close()
    # A session's statistics are complete when its process has ended, and no notice tells us of that.
    while superuser.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [process]).rowcount:
        time.sleep(0.05)
    flushes = number(superuser, FLUSHES) - flushes
    return Cost(round_trips=trips / len(todo), flushes=flushes / len(todo), wal_bytes=wal / len(todo))


def as_json(results: dict[str, object]) -> str:
    """Figures with how they read; what is a figure or a word already stays as it is."""
    plain = {
        name: asdict(value) | {"shown": str(value)} if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in results.items()
    }
    return json.dumps(plain, ensure_ascii=False)


def say(what: str) -> None:
    """On the way, for whoever waits: the results alone are on the standard output."""
    print(what, file=sys.stderr, flush=True)


def number(superuser: psycopg.Connection, query: str) -> float:
    (value,) = superuser.execute(query).fetchone() or (0,)
    return float(value)
