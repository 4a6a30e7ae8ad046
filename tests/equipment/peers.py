"""Devices made by others, run as processes of their own. `make test` installs them into var/peers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BASE = Path(__file__).resolve().parents[2]
INSTALLED = BASE / "var" / "peers"


class Peer:
    """A device that takes orders as lines of JSON beside the protocol it speaks: a script for node, or a module."""

    def __init__(self, what: str, *arguments: str) -> None:
        node = [shutil.which("node") or "node", str(BASE / "tests" / "peers" / what)]
        self.process = subprocess.Popen(
            [*(node if what.endswith(".js") else [sys.executable, "-m", what]), *arguments],
            cwd=BASE,
            env=os.environ | {"PEERS": str(INSTALLED)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.told = self._line()
            self.port: int = self.told["port"]
        except BaseException:
            self.kill()
            raise

    def ask(self, what: str, **order: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **order}) + "\n")
        self.process.stdin.flush()
        return self._line()["answer"]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "The peer ended."
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def running(script: str, package: str, *arguments: str) -> Iterator[Peer]:
    """The peer until the end of the block; the test is skipped where its package is not installed."""
    if shutil.which("node") is None or not (INSTALLED / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not installed; `make peers` installs it where npm is available.")
    peer = Peer(script, *arguments)
    try:
        yield peer
    finally:
        peer.kill()
