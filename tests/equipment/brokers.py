"""An MQTT broker by others (mosquitto), a process of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mes.embedded.processes import dying_with_us, free_port, wait_until

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Broker:
    """On loopback, for anybody; it forgets everything when it ends."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._log = directory / "broker.log"
        self._settings = directory / "broker.conf"
        self._settings.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [*dying_with_us(), str(PROGRAM), "-c", str(self._settings)],
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, self._running, self._log)

    def kill(self) -> None:
        self._running.kill()
        self._running.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def a_broker(directory: Path) -> Iterator[Broker]:
    """The broker until the end of the block; the test is skipped where there is none to start."""
    if PROGRAM is None:
        pytest.skip("mosquitto is not installed; `make peers` installs it where it may.")
    broker = Broker(directory)
    try:
        yield broker
    finally:
        broker.kill()
