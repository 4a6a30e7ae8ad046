"""A whole Baton as its processes, each of which may be killed at any moment and is started again at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mes.embedded import Postgres, Valkey
from mes.embedded.processes import dying_with_us, free_port
from tools.faults.device import tag_map
from tools.faults.disk import SmallDisk
from tools.faults.link import Link
from tools.installed import ROOT
from tools.processes import MANAGE, WORKER

GATEWAYS = ("gateway", "other gateway")


def commands(gateways: Mapping[str, Path]) -> dict[str, list[str]]:
    """What works in the background, everything twice; gateways by name with their directories."""
    return {
        "worker": [*WORKER, "--loglevel", "error", "--hostname", "one@%h"],
        "other worker": [*WORKER, "--loglevel", "error", "--hostname", "two@%h"],
        "beat": [*MANAGE, "run_beat"],
        "other beat": [*MANAGE, "run_beat"],
    } | {name: [*MANAGE, "run_gateway", "--directory", str(place)] for name, place in gateways.items()}


class Process:
    """One of ours, with everything it started: killed together, as a kernel out of memory would."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log

    def start(self, **odd: str) -> None:
        """`odd` is added to the environment for this life only."""
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                [*dying_with_us(signal.SIGKILL), *self.command],
                cwd=ROOT,
                env=dict(self.environment) | odd,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()


class Plant:
    """The servers, the processes by name, the devices, and the line to them."""

    def __init__(self, directory: Path, environment: Mapping[str, str], postgres: Postgres, valkey: Valkey) -> None:
        self.postgres, self.valkey = postgres, valkey
        self.disk = SmallDisk(directory / "disk")
        self.told = directory / "told"
        self.port, self._behind = free_port(), free_port()
        self.link = Link(self._behind)
        self._directory, self._environment = directory, environment
        web = ["-m", "gunicorn", "mes.wsgi", "--workers", "2", "--threads", "8", "--preload", "--log-level", "error"]
        serving = {"web": [sys.executable, *web, "--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]}
        wanted = serving | commands({name: self.disk.place / name for name in GATEWAYS})
        self.processes = {name: self._process(name, command) for name, command in wanted.items()}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, site_code: str, devices: int) -> None:
        for name in GATEWAYS:
            maps = self.disk.place / name / site_code / "modbus"
            maps.mkdir(parents=True)
            for number in range(1, devices + 1):
                (maps / map_name(number)).write_text(tag_map(self.link.port, number))
        command = [sys.executable, "-m", "tools.faults.device", str(self._behind), str(devices), str(self.told)]
        self._devices = self._process("devices", command)
        self._devices.start()
        self.link.start()
        for process in self.processes.values():
            process.start()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        self._devices.kill()
        self.disk.remove()

    def start_again(self) -> list[str]:
        """Start what ended by itself, as a service manager does, and name it."""
        ended = [name for name, process in self.processes.items() if process.running.poll() is not None]
        for name in ended:
            self.processes[name].kill()  # and what it left behind
            self.processes[name].start()
        return ended

    def last_words(self) -> str:
        """The end of every log, and which process is no longer there."""
        ends = []
        for name, process in self.processes.items():
            code = process.running.poll()
            lines = process.log.read_text(errors="replace").splitlines()[-12:]
            ends.append("\n".join([f"--- {name}{'' if code is None else f' ended with {code}'}", *lines]))
        return "\n".join(ends)

    def _process(self, name: str, command: list[str]) -> Process:
        return Process(command, self._environment, self._directory / f"{name.replace(' ', '-')}.log")


def map_name(device: int) -> str:
    return f"incubator-{device}.yaml"
