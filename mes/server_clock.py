"""The one clock that every process of an installation goes by: the database's.

The clocks of machines differ, and somebody sets them while they run. A process asks the database what time it is with
every new connection, and counts on from there by the time since the machine started, which nobody sets.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # where there is one, it counts sleep too
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ASK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
ASKED = 3  # times: the quickest answer is the most exact one
SET_AGAIN_AFTER = 60 * 10**9


class ServerClock:
    """Nanoseconds since 1970. Until the database has been asked, the machine's own clock must do."""

    def __init__(self) -> None:
        self._ahead: int | None = None
        self._doubt = 0
        self._set_at = 0

    def now_ns(self) -> int:
        if self._ahead is None:
            return time.time_ns()
        return time.clock_gettime_ns(_STEADY) + self._ahead

    def set_by(self, database: BaseDatabaseWrapper) -> None:
        """Ask the database. What may mean the same as the last answer leaves the clock alone: no jitter."""
        with database.cursor() as cursor:
            doubt, ahead = min(_ask(cursor) for _ in range(ASKED))
        if self._ahead is None or abs(ahead - self._ahead) > doubt + self._doubt:
            self._ahead, self._doubt = ahead, doubt
        self._set_at = time.clock_gettime_ns(_STEADY)

    def set_in_time(self) -> None:
        """For processes that keep one connection for days: no two of their clocks may drift apart."""
        if settings.CLOCK_OF_THE_DATABASE and time.clock_gettime_ns(_STEADY) - self._set_at > SET_AGAIN_AFTER:
            self.set_by(connection)


def _ask(cursor: CursorWrapper) -> tuple[int, int]:
    """By how much the answer may be wrong, and how far the database is ahead of the steady clock, in nanoseconds."""
    asked = time.clock_gettime_ns(_STEADY)
    cursor.execute(_ASK)
    shown = int(cursor.fetchone()[0]) * 1000
    heard = time.clock_gettime_ns(_STEADY)
    return (heard - asked) // 2 + 1000, shown - (asked + heard) // 2


CLOCK = ServerClock()


def now() -> datetime:
    """The database's time, UTC."""
    return _EPOCH + timedelta(microseconds=CLOCK.now_ns() // 1000)


def follow_the_database() -> None:
    """From now on every new connection sets the clock."""
    connection_created.connect(_set, dispatch_uid="baton_clock")


def _set(connection: BaseDatabaseWrapper, **_: object) -> None:
    CLOCK.set_by(connection)
