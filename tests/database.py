"""The tests' own PostgreSQL, one for each worker: what is sealed depends on every transaction of a server.

The schema is migrated once, as its owner, into a template. The tests themselves connect as the run-time role, so what
production refuses is refused here. Whatever DATABASE_URL says, no test ever touches another server.
"""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import pgtrigger
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import TransactionTestCase
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pytest_django import DjangoDbBlocker

from mes.embedded import Postgres, Valkey
from mes.embedded.postgres import OWNER, RUNTIME, SUPERUSER, binaries
from mes.quick_migrations import render_only_what_changed

DATABASE, TEMPLATE = "test", "template_of_tests"
BeginWith = Callable[[str, Callable[[], Any]], AbstractContextManager[Any]]
BASE = Path(__file__).resolve().parent.parent
DUMPS = BASE / "var" / "test-schema"
# shared_preload_libraries: query counts come from the server itself
SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="baton-tests-", dir=_quickest_place()))
    postgres = Postgres(directory, durable=False, settings=SETTINGS)
    postgres.start()
    with psycopg.connect(postgres.superuser_url) as superuser:
        # Most tests are one transaction, and some wait in it for a device.
        superuser.execute(f"ALTER ROLE {RUNTIME} RESET idle_in_transaction_session_timeout")
    yield postgres
    postgres.stop()
    shutil.rmtree(directory)


class Shelf:
    """Databases filled once and copied for every module that begins with them: a tenth of a second instead of many.

    A copy is made when somebody connects, not when the one before is done with: much is put away that nobody asks for.
    """

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self.facts: dict[str, Any] = {}
        self.begun_with = TEMPLATE
        self._is_used = True
        self._lock = Lock()

    def restore(self, _: object = None) -> None:
        """Django would flush, which neither the role nor the triggers allow. Whoever connects next starts afresh."""
        connections.close_all()
        settings.SEAL_WITNESS_FILE.unlink(missing_ok=True)
        self._is_used = True

    def lay_out(self) -> None:
        """A fresh copy where the last one was used. Called before every connection is opened."""
        with self._lock:
            if self._is_used:
                _create_database(self.server, DATABASE, template=self.begun_with)
                self._is_used = False

    @contextmanager
    def take(self, name: str, fill: Callable[[], Any]) -> Iterator[Any]:
        """A module's tests find what `fill` left behind, and its answer."""
        before = self.begun_with
        if name not in self.facts:
            self.restore()
            self.facts[name] = fill()
            connections.close_all()
            _create_database(self.server, name, template=DATABASE)
        self.begun_with = name
        self.restore()
        try:
            yield self.facts[name]
        finally:
            self.begun_with = before
            self.restore()


@pytest.fixture(scope="session")
def shelf(server: Postgres) -> Shelf:
    return Shelf(server)


@pytest.fixture(scope="session")
def django_db_setup(
    server: Postgres, shelf: Shelf, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Takes the place of the fixture of pytest-django."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _create_database(server, TEMPLATE, template="template1")
        fill_template(server)
        _connect(server.url(RUNTIME, DATABASE))
        patch.setattr(TransactionTestCase, "_fixture_teardown", shelf.restore)
        patch.setattr(DatabaseWrapper, "get_new_connection", _on_a_copy_of(shelf))
        yield
        connections.close_all()


@pytest.fixture(scope="session")
def begin_with(shelf: Shelf, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> BeginWith:
    """For fixtures of a module: `with begin_with(name, fill) as facts`."""

    @contextmanager
    def take(name: str, fill: Callable[[], Any]) -> Iterator[Any]:
        with django_db_blocker.unblock(), shelf.take(name, fill) as facts:
            yield facts

    return take


@pytest.fixture(scope="session")
def schema(django_db_setup: None) -> Path:
    """The migrated schema as a file for pg_restore: for installations of their own."""
    return _dump()


@pytest.fixture
def superuser(server: Postgres, shelf: Shelf, django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A hand that no rule of the database stops. It sees only what the test has committed."""
    shelf.lay_out()
    with psycopg.connect(server.url(SUPERUSER, DATABASE), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    valkey = Valkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    yield valkey.url
    valkey.stop()


@pytest.fixture
def server_environment(server: Postgres, shelf: Shelf, valkey_url: str, django_db_setup: None) -> dict[str, str]:
    """The environment for a process of ours that works on this test's database."""
    shelf.lay_out()
    return {
        "DATABASE_URL": server.url(RUNTIME, DATABASE),
        "DATABASE_OWNER_URL": server.url(OWNER, DATABASE),
        "REDIS_URL": valkey_url,
    }


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def _on_a_copy_of(shelf: Shelf) -> Callable[[DatabaseWrapper, dict[str, Any]], Any]:
    connect = DatabaseWrapper.get_new_connection

    def connected(wrapper: DatabaseWrapper, parameters: dict[str, Any]) -> Any:
        shelf.lay_out()
        return connect(wrapper, parameters)

    return connected


def _quickest_place() -> str | None:
    """Memory where there is enough of it: copying a database then takes 20 ms instead of 500."""
    memory = Path("/dev/shm")  # noqa: S108 - a place, and mkdtemp makes it ours
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3 else None


def _create_database(server: Postgres, name: str, *, template: str) -> None:
    """A new database has a new log: its witness has seen nothing of it yet."""
    settings.SEAL_WITNESS_FILE.unlink(missing_ok=True)
    with psycopg.connect(server.superuser_url, autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        superuser.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY").format(  # half the work of WAL_LOG
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )


def fill_template(server: Postgres) -> None:
    """Migrate, or restore what an earlier run migrated: the same migrations and triggers give the same schema."""
    _connect(server.url(OWNER, TEMPLATE))
    dump = _dump()
    DUMPS.mkdir(parents=True, exist_ok=True)
    with (DUMPS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of a run start together: one migrates, the others restore
        if dump.exists():
            _call("pg_restore", "--dbname", server.url(SUPERUSER, TEMPLATE), dump)
            return
        render_only_what_changed()
        call_command("migrate", verbosity=0, interactive=False)
        fresh = dump.with_suffix(".new")
        _call("pg_dump", "--format=custom", "--file", fresh, server.url(SUPERUSER, TEMPLATE))
        for outdated in DUMPS.glob("*.dump"):
            outdated.unlink()
        fresh.rename(dump)


def _dump() -> Path:
    return DUMPS / f"{_fingerprint()}.dump"


def _fingerprint() -> str:
    """The digest of everything the schema is made of: migrations, triggers, grants."""
    files = [*BASE.glob("*/migrations/*.py"), *BASE.glob("mes/*/migrations/*.py"), *BASE.glob("*/sql/*.sql")]
    files += [BASE / "mes" / "records" / name for name in ("grants.py", "registry.py")]
    parts = [file.read_text(encoding="utf-8") for file in sorted(files)]
    parts += sorted(trigger.compile(model).hash for model, trigger in pgtrigger.registered())
    return sha256("\n".join(parts).encode()).hexdigest()[:20]


def _call(program: str, *arguments: str | Path) -> None:
    subprocess.run([binaries() / program, *arguments], check=True, capture_output=True)


def _connect(url: str) -> None:
    connections.close_all()
    parts = conninfo_to_dict(url)
    connections.settings["default"].update(
        NAME=parts["dbname"],
        USER=parts["user"],
        PASSWORD=parts["password"],
        HOST=parts["host"],
        PORT=parts["port"],
    )
