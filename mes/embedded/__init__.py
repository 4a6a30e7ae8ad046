"""PostgreSQL and Valkey from their wheels, for one machine: a first look, development and tests.

A server installation points DATABASE_URL and REDIS_URL at its own servers and never comes here.
"""

from mes.embedded.postgres import Postgres
from mes.embedded.processes import AlreadyRunning, ServerFailed
from mes.embedded.valkey import Valkey

__all__ = ["AlreadyRunning", "Postgres", "ServerFailed", "Valkey"]
