"""The tests' own PostgreSQL, one for each worker: what is sealed depends on every transaction of a server.

The schema is migrated once, as its owner, into a template. The tests themselves connect as the run-time role, so what
production refuses is refused here. Whatever DATABASE_URL says, no test ever touches another server.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
from mes.embedded.postgres import OWNER, RUNTIME, SUPERUSER

DATABASE, TEMPLATE = "test", "template_of_tests"
# shared_preload_libraries: query counts come from the server itself
SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="baton-tests-", dir=_quickest_place()))
    postgres = Postgres(directory, durable=False, settings=SETTINGS)
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def django_db_setup(
    server: Postgres, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Takes the place of the fixture of pytest-django."""

    def restore(test: TransactionTestCase) -> None:
        """Django would flush, which neither the role nor the triggers allow. We start afresh."""
        connections.close_all()
        _create_database(server, DATABASE, template=TEMPLATE)

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _create_database(server, TEMPLATE, template="template1")
        _connect(server.url(OWNER, TEMPLATE))
        call_command("migrate", verbosity=0, interactive=False)
        _connect(server.url(RUNTIME, DATABASE))
        _create_database(server, DATABASE, template=TEMPLATE)
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield
        connections.close_all()


@pytest.fixture
def superuser(server: Postgres, django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A hand that no rule of the database stops. It sees only what the test has committed."""
    with psycopg.connect(server.url(SUPERUSER, DATABASE), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    valkey = Valkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    yield valkey.url
    valkey.stop()


@pytest.fixture
def server_environment(server: Postgres, valkey_url: str, django_db_setup: None) -> dict[str, str]:
    """The environment for a process of ours that works on this test's database."""
    return {
        "DATABASE_URL": server.url(RUNTIME, DATABASE),
        "DATABASE_OWNER_URL": server.url(OWNER, DATABASE),
        "REDIS_URL": valkey_url,
    }


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def _quickest_place() -> str | None:
    """Memory where there is enough of it: copying a database then takes 20 ms instead of 500."""
    memory = Path("/dev/shm")  # noqa: S108 - a place, and mkdtemp makes it ours
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3 else None


def _create_database(server: Postgres, name: str, *, template: str) -> None:
    with psycopg.connect(server.superuser_url, autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        superuser.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )


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
