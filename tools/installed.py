"""An installation of its own for a measurement or a campaign, gone when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mes.embedded import Postgres, Valkey
from mes.embedded.postgres import DATABASE, SUPERUSER, binaries
from tools.environment import installation
from tools.processes import MANAGE

ROOT = Path(__file__).resolve().parents[1]
Installed = tuple[Postgres, Valkey, dict[str, str]]


@contextmanager
def installed(
    directory: Path, settings: Mapping[str, str] | None = None, *, schema: Path | None = None
) -> Iterator[tuple[Postgres, Valkey, dict[str, str]]]:
    """The servers, PostgreSQL with these settings and the schema in it; the environment names them for all.

    `schema` is a dump of a database that was only migrated: restored in a second, where migrating takes ten.
    """
    postgres, valkey = Postgres(directory / "postgres", settings=settings), Valkey(directory / "valkey")
    postgres.start()
    valkey.start()
    try:
        environment = installation(directory) | {
            "BATON_DATA_DIR": str(directory / "data"),
            "BATON_LOG_LEVEL": "CRITICAL",
            "DATABASE_URL": postgres.runtime_url,
            "DATABASE_OWNER_URL": postgres.owner_url,
            "DJANGO_SETTINGS_MODULE": "mes.settings",
            "REDIS_URL": valkey.url,
        }
        (directory / "data").mkdir(exist_ok=True)
        _fill(postgres, environment, schema)
        yield postgres, valkey, environment
    finally:
        valkey.stop()
        postgres.stop()


def _fill(postgres: Postgres, environment: Mapping[str, str], schema: Path | None) -> None:
    command = [*MANAGE, "migrate", "--verbosity", "0"]
    if schema:
        command = [str(binaries() / "pg_restore"), "--dbname", postgres.url(SUPERUSER, DATABASE), str(schema)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def prepare_django(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
