"""The servers of `make run`: kept data, closed secrets, and nothing left behind."""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from mes.embedded import AlreadyRunning, Postgres, ServerFailed, Valkey
from mes.embedded.postgres import RUNTIME, ensure_system_user

START_AND_WAIT = """
import sys, time
from pathlib import Path
from mes.embedded import Postgres
postgres = Postgres(Path(sys.argv[1]), durable=False)
postgres.start()
print(postgres.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture
def postgres(directory: Path) -> Iterator[Postgres]:
    postgres = Postgres(directory, durable=False)
    postgres.start()
    yield postgres
    postgres.stop()


def test_is_postgresql_18_with_an_owner_and_a_runtime_role(postgres: Postgres) -> None:
    with psycopg.connect(postgres.owner_url) as owner:
        assert owner.info.server_version // 10000 == 18
        owner.execute("CREATE TABLE lot (number text)")
    with (
        psycopg.connect(postgres.runtime_url) as runtime,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="lot"),
    ):
        runtime.execute("SELECT * FROM lot")


@pytest.mark.skipif(os.geteuid() != 0, reason="Only the superuser of the machine makes users.")
def test_starts_at_the_same_time_agree_on_the_user_they_run_as() -> None:
    name, at_once = f"baton-test-{os.getpid()}", threading.Barrier(4)

    def made(_: int) -> int:
        at_once.wait()
        ensure_system_user(name)
        return pwd.getpwnam(name).pw_uid

    try:
        with ThreadPoolExecutor(4) as starts:
            assert len(set(starts.map(made, range(4)))) == 1
    finally:
        subprocess.run(["/usr/sbin/userdel", name], check=True)


def test_the_server_lets_go_of_what_a_lost_machine_holds(postgres: Postgres) -> None:
    script = (Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "roles.sh").read_text()
    with psycopg.connect(postgres.runtime_url) as runtime:
        [(longest,)] = runtime.execute("SHOW idle_in_transaction_session_timeout").fetchall()
    assert f"ALTER ROLE {RUNTIME} SET idle_in_transaction_session_timeout = '{longest}'" in script


@pytest.mark.parametrize("statement", ["CREATE TABLE mine ()", "CREATE DATABASE mine", "SET ROLE baton_owner"])
def test_the_runtime_role_owns_nothing_and_can_become_nobody_else(postgres: Postgres, statement: str) -> None:
    with (
        psycopg.connect(postgres.runtime_url, autocommit=True) as runtime,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        runtime.execute(sql.SQL(statement))


def test_nobody_enters_without_a_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="postgres", dbname="postgres")


def test_secrets_are_for_their_owner_only(postgres: Postgres) -> None:
    assert (postgres.directory / "passwords.json").stat().st_mode & 0o077 == 0
    assert not (postgres.directory / "password.new").exists()


def test_keeps_its_data_and_passwords_between_starts(directory: Path) -> None:
    for _ in range(2):
        postgres = Postgres(directory, durable=False)
        postgres.start()
        with psycopg.connect(postgres.owner_url) as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz)")
            owner.execute("INSERT INTO start VALUES (now())")
            starts = owner.execute("SELECT count(*) FROM start").fetchone()
        postgres.stop()
    assert starts == (2,)


def test_a_first_start_that_was_cut_short_is_begun_again(directory: Path) -> None:
    half = directory / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    postgres = Postgres(directory, durable=False)
    postgres.start()
    psycopg.connect(postgres.runtime_url).close()
    postgres.stop()


def test_two_do_not_share_a_directory(postgres: Postgres) -> None:
    with pytest.raises(AlreadyRunning):
        Postgres(postgres.directory, durable=False).start()


def test_says_why_it_does_not_start(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ServerFailed, match="Address already in use"):
        Postgres(tmp_path_factory.mktemp("second"), port=postgres.port, durable=False).start()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_goes_down_with_a_supervisor_that_was_killed(directory: Path) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", START_AND_WAIT, directory], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    server = int(supervisor.stdout.readline())
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()
    deadline = time.monotonic() + 120
    while _alive(server):
        assert time.monotonic() < deadline, "PostgreSQL outlived its supervisor"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_waits_for_what_a_killed_server_still_holds(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that has not yet noticed: here it is kept from it until the first start after that has failed."""
    postgres = Postgres(directory, durable=False)
    postgres.start()
    session = psycopg.connect(postgres.superuser_url)
    frozen = session.info.backend_pid
    os.kill(frozen, signal.SIGSTOP)
    postgres.kill()
    waited: list[float] = []

    def go_on(seconds: float) -> None:
        waited.append(seconds)
        with suppress(ProcessLookupError):
            os.kill(frozen, signal.SIGCONT)

    monkeypatch.setattr("mes.embedded.postgres.sleep", go_on)
    postgres.start()
    assert waited
    session.close()
    psycopg.connect(postgres.runtime_url).close()
    postgres.stop()


def test_valkey_asks_for_its_password_and_keeps_what_it_took(tmp_path: Path) -> None:
    for number in (1, 2):
        valkey = Valkey(tmp_path)
        valkey.start()
        with redis.Redis.from_url(valkey.url) as client:
            assert client.incr("starts") == number
        with (
            redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        valkey.stop()
    assert (tmp_path / "valkey.conf").stat().st_mode & 0o077 == 0


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
