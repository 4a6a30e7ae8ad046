"""What both embedded servers need: a free port, closed secrets, a child that dies with us."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO

STOP_SECONDS = 20.0


class ServerFailed(Exception):
    """An embedded server did not start; the message carries the end of its log."""


class AlreadyRunning(Exception):
    """Another process of ours works on the same directory."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def claim(directory: Path) -> IO[str]:
    """Hold the directory for this process; the operating system lets go of it when we die."""
    lock = (directory / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyRunning(f"Another process already runs the server in {directory}.") from None
    return lock


def kept(file: Path, first: Mapping[str, str]) -> dict[str, str]:
    """The secrets in a file; at the first start they are `first`. Only the owner may read the file."""
    if not file.exists():
        write_closed(file, json.dumps(dict(first), indent=1))
    found: dict[str, str] = json.loads(file.read_text())
    return found


def passwords(file: Path, names: Iterable[str]) -> dict[str, str]:
    return kept(file, {name: secrets.token_urlsafe(24) for name in names})


def write_closed(file: Path, text: str) -> None:
    """Replace a file in one step. It is never open to others, and never half written."""
    new = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    new.rename(file)


def dying_with_us(stop_signal: signal.Signals = signal.SIGTERM) -> list[str]:
    """What a command begins with: the kernel stops it even when we are killed outright, where it can (Linux).

    By util-linux and not by `preexec_fn`: what runs of a program with threads between fork and exec waits for ever when
    another thread held a lock at that moment.
    """
    known = shutil.which("setpriv")
    return [known, "--pdeathsig", stop_signal.name.removeprefix("SIG"), "--"] if known else []


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end = "".join(log.read_text(errors="replace").splitlines(keepends=True)[-20:])
            raise ServerFailed(f"{process.args!r} did not start. The end of {log}:\n{end}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
