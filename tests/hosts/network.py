"""Hosts on one machine: network namespaces at one switch, each with a plug that can be pulled."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

# Up to 15 characters are a name; a second run of the tests beside this one has names and a net of its own.
MINE = f"b{os.getpid() % 1_000_000}"
NET = f"10.213.{os.getpid() % 250}"
SWITCH = f"{MINE}-switch"


@dataclass(frozen=True)
class Host:
    """What runs in it reaches the others at their addresses, and itself at 127.0.0.1."""

    name: str
    address: str

    @property
    def plug(self) -> str:
        return f"{MINE}-{self.name}"

    def inside(self, *command: str) -> list[str]:
        """The command line that runs `command` on this host."""
        return ["ip", "netns", "exec", self.plug, *command]

    def cut_off(self) -> None:
        _ip("link", "set", self.plug, "down")

    def come_back(self) -> None:
        _ip("link", "set", self.plug, "up")


@contextmanager
def hosts(*names: str) -> Iterator[list[Host]]:
    """Hosts that see each other, and that we see. Skips where this machine lets nobody make namespaces."""
    if shutil.which("ip") is None:
        pytest.skip("network namespaces need ip (iproute2)")
    with ExitStack() as undo:
        try:
            _make_switch(undo)
            made = [_make_host(Host(name, f"{NET}.{number}"), undo) for number, name in enumerate(names, start=1)]
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this machine lets us make no network namespace: {error.stderr.decode().strip()}")
        yield made


def _make_switch(undo: ExitStack) -> None:
    _ip("link", "add", SWITCH, "type", "bridge")
    undo.callback(_ip, "link", "delete", SWITCH)
    _ip("address", "add", f"{NET}.254/24", "dev", SWITCH)
    _ip("link", "set", SWITCH, "up")


def _make_host(host: Host, undo: ExitStack) -> Host:
    _ip("netns", "add", host.plug)
    undo.callback(_ip, "netns", "delete", host.plug)
    _ip("link", "add", host.plug, "type", "veth", "peer", "name", "network", "netns", host.plug)
    _ip("link", "set", host.plug, "master", SWITCH)
    _ip("link", "set", host.plug, "up")
    within = ("-n", host.plug)
    _ip(*within, "address", "add", f"{host.address}/24", "dev", "network")
    for device in ("lo", "network"):
        _ip(*within, "link", "set", device, "up")
    return host


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
