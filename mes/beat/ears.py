"""A connection of its own that hears PostgreSQL's notices and holds its advisory locks for as long as it lives.

Neither survives a pooler in transaction mode: `BATON_DATABASE_DIRECT_URL` then names the way around it.
"""

from contextlib import suppress

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

DATABASE_AWAY = (OperationalError, InterfaceError)


class Ears:
    """Opened when first needed, and again after it was lost; DATABASE_AWAY when it cannot be."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._connection: BaseDatabaseWrapper | None = None

    def hold(self, name: str) -> bool:
        """Have the lock of this name, now or already; the server gives it on as soon as the holder is dead."""
        self._connection = self._connection or self._opened()
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
            return bool(cursor.fetchone()[0])

    def wait(self, seconds: float) -> bool:
        """Until a notice comes, at most so long. True when one came."""
        self._connection = self._connection or self._opened()
        with self._connection.wrap_database_errors:
            return any(True for _ in self._connection.connection.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        if self._connection is not None:
            with suppress(*DATABASE_AWAY):  # a connection that was lost holds nothing any more
                self._let_go(self._connection)
            self._connection.close()
            self._connection = None

    def _let_go(self, opened: BaseDatabaseWrapper) -> None:
        """Now: the server would do so only some time after it has been told of the end."""
        with opened.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")

    def _opened(self) -> BaseDatabaseWrapper:
        opened = connections.create_connection("default")
        opened.settings_dict = opened.settings_dict | settings.DATABASE_DIRECT
        with opened.cursor() as cursor:
            cursor.execute(f'LISTEN "{self.channel}"')
        return opened
