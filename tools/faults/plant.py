"""A whole Baton as its processes, each of which may be killed at any moment and is started again at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import redis

from mes.embedded import Postgres, Valkey
from mes.embedded.processes import die_with_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, "manage.py"]
WORKER = [sys.executable, "-m", "celery", "--quiet", "--app", "mes.celery", "worker", "--concurrency", "2"]


class Process:
    """One of ours, with everything it started: killed together, as a kernel out of memory would."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509
            )

    def kill(self) -> None:
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()


class Plant:
    """The servers and the processes, by name. `kills` are the ways in which this plant can be hurt."""

    def __init__(self, directory: Path, environment: Mapping[str, str], postgres: Postgres, valkey: Valkey) -> None:
        self.postgres, self.valkey = postgres, valkey
        self.port = free_port()
        web = ["-m", "gunicorn", "mes.wsgi", "--workers", "2", "--threads", "8", "--preload", "--log-level", "error"]
        commands = {
            "web": [sys.executable, *web, "--bind", f"127.0.0.1:{self.port}", "--no-control-socket"],
            "worker": [*WORKER, "--loglevel", "error", "--hostname", "one@%h"],
            "other worker": [*WORKER, "--loglevel", "error", "--hostname", "two@%h"],
            "beat": [*MANAGE, "run_beat"],
            "other beat": [*MANAGE, "run_beat"],
            "gateway": [*MANAGE, "run_gateway", "--directory", str(directory / "gateway")],
        }
        self.processes = {
            name: Process(command, environment, directory / f"{name.replace(' ', '-')}.log")
            for name, command in commands.items()
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        for process in self.processes.values():
            process.start()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()

    def last_words(self) -> str:
        """The end of every log, and which process is no longer there."""
        ends = []
        for name, process in self.processes.items():
            code = process.running.poll()
            lines = process.log.read_text(errors="replace").splitlines()[-12:]
            ends.append("\n".join([f"--- {name}{'' if code is None else f' ended with {code}'}", *lines]))
        return "\n".join(ends)

    def kills(self) -> dict[str, Callable[[], None]]:
        killed = {name: self._again(process) for name, process in self.processes.items()}
        return killed | {
            "broker": self._again(self.valkey),
            "broker wiped": self._wipe,
            "database": self._again(self.postgres),
        }

    def _again(self, process: Process | Postgres | Valkey) -> Callable[[], None]:
        def kill_and_start() -> None:
            process.kill()
            process.start()

        return kill_and_start

    def _wipe(self) -> None:
        with redis.Redis.from_url(self.valkey.url) as broker:
            broker.flushall()
