"""A real PgBouncer in transaction mode in front of the database of a test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from mes.embedded.processes import dying_with_us, free_port, stop, wait_until

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {directory}/people
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
"""
PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@contextmanager
def pooled(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of a process whose statements go through the pooler, as docs/administrator.md says."""
    if PROGRAM is None:
        pytest.skip("PgBouncer is not installed (package pgbouncer)")
    direct = urlsplit(environment["DATABASE_URL"])
    port = free_port()
    through = direct._replace(netloc=f"{direct.username}:{direct.password}@127.0.0.1:{port}").geturl()
    with tempfile.TemporaryDirectory(prefix="baton-pooler-") as place:
        directory = Path(place)
        directory.chmod(0o755)
        (directory / "people").write_text(f'"{direct.username}" "{direct.password}"\n')
        settings = directory / "pgbouncer.ini"
        settings.write_text(SETTINGS.format(server_port=direct.port, port=port, directory=directory))
        log = directory / "log"
        # It refuses to run as root.
        somebody = ["--user", "nobody"] if os.geteuid() == 0 else []
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*dying_with_us(), PROGRAM, *somebody, str(settings)],
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(lambda: _answers(through), process, log)
            yield environment | {
                "DATABASE_URL": through,
                "BATON_DATABASE_DIRECT_URL": environment["DATABASE_URL"],
                "BATON_DATABASE_PREPARE": "0",
            }
        finally:
            stop(process)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, prepare_threshold=None).close()
    except psycopg.OperationalError:
        return False
    return True
