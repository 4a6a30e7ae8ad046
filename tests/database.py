"""The tests' own PostgreSQL: one server for the run, one database for each worker.

The schema is migrated once, as its owner, into a template. The tests themselves connect as the
run-time role, so what production refuses is refused here. Whatever DATABASE_URL says, no test
ever touches another server.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pytest_django import DjangoDbBlocker

from mes.embedded import Postgres, Valkey
from mes.embedded.postgres import OWNER

TEMPLATE = "test_template"
# shared_preload_libraries: query counts come from the server itself
SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}


@dataclass(frozen=True)
class Server:
    """Where the run's PostgreSQL is. Plain text, so that a worker process can be told."""

    superuser_url: str
    owner_url: str
    runtime_url: str

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.superuser_url, dbname=database, autocommit=True)


class TestServer:
    """Started when the first test asks, stopped and removed when the session ends."""

    __test__ = False

    def __init__(self) -> None:
        self._directory: Path | None = None

    def start(self) -> Server:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="baton-tests-", dir=_quickest_place()))
            self._postgres = Postgres(self._directory, durable=False, settings=SETTINGS)
            self._postgres.start()
        return Server(self._postgres.superuser_url, self._postgres.owner_url, self._postgres.runtime_url)

    def stop(self) -> None:
        if self._directory is not None:
            self._postgres.stop()
            shutil.rmtree(self._directory)


def _quickest_place() -> str | None:
    """Memory where there is enough of it: copying a database then takes 20 ms instead of 500."""
    memory = Path("/dev/shm")  # noqa: S108 - a place, and mkdtemp makes it ours
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3 else None


SERVER = pytest.StashKey[TestServer]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVER] = TestServer()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The controlling process starts the server before its workers and tells them where it is."""
    node.workerinput["server"] = asdict(node.config.stash[SERVER].start())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVER].stop()
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    told: dict[str, Any] = getattr(request.config, "workerinput", {})
    return Server(**told["server"]) if told else request.config.stash[SERVER].start()


@pytest.fixture(scope="session")
def database_name(request: pytest.FixtureRequest) -> str:
    worker: str = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    return f"test_{worker}"


@pytest.fixture(scope="session")
def django_db_setup(
    server: Server,
    database_name: str,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Takes the place of the fixture of pytest-django."""

    def restore(test: TransactionTestCase) -> None:
        """Django would flush, which neither the role nor the triggers allow. We start afresh."""
        connections.close_all()
        _copy_template(server, database_name)

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _ensure_template(server)
        _copy_template(server, database_name)
        _connect_as(server.runtime_url, database_name)
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield
        connections.close_all()


@pytest.fixture
def superuser(server: Server, database_name: str, django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A hand that no rule of the database stops. It sees only what the test has committed."""
    with server.superuser(database_name) as connection:
        yield connection


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    valkey = Valkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    yield valkey.url
    valkey.stop()


@pytest.fixture
def server_environment(server: Server, database_name: str, valkey_url: str, django_db_setup: None) -> dict[str, str]:
    """The environment for a process of ours that works on this test's database."""
    return {
        "DATABASE_URL": _with_database(server.runtime_url, database_name),
        "DATABASE_OWNER_URL": _with_database(server.owner_url, database_name),
        "REDIS_URL": valkey_url,
    }


def _ensure_template(server: Server) -> None:
    """The first worker migrates, the others wait. A half-migrated template is no template."""
    with server.superuser() as superuser:
        superuser.execute("SELECT pg_advisory_lock(1)")
        names = {name for (name,) in superuser.execute("SELECT datname FROM pg_database")}
        if TEMPLATE not in names:
            new = f"{TEMPLATE}_new"
            _create_database(superuser, new, template="template1")
            _connect_as(server.owner_url, new)
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            superuser.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(new), sql.Identifier(TEMPLATE))
            )


def _copy_template(server: Server, name: str) -> None:
    with server.superuser() as superuser:
        _create_database(superuser, name, template=TEMPLATE)


def _create_database(superuser: psycopg.Connection, name: str, *, template: str) -> None:
    superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    superuser.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
        )
    )


def _connect_as(url: str, database: str) -> None:
    connections.close_all()
    parts = conninfo_to_dict(url)
    connections.settings["default"].update(
        NAME=database,
        USER=parts["user"],
        PASSWORD=parts["password"],
        HOST=parts["host"],
        PORT=parts["port"],
    )


def _with_database(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"
