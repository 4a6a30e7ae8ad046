"""An installation of its own for a measurement or a campaign, gone when it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mes.embedded import Postgres, Valkey
from tools.environment import installation
from tools.processes import MANAGE

ROOT = Path(__file__).resolve().parents[1]
Installed = tuple[Postgres, Valkey, dict[str, str]]


@contextmanager
def installed(
    directory: Path, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[Postgres, Valkey, dict[str, str]]]:
    """The servers, PostgreSQL with these settings and the schema in it; the environment names them for all."""
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
        subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        yield postgres, valkey, environment
    finally:
        valkey.stop()
        postgres.stop()


def prepare_django(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
