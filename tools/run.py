"""`make run`: every process of one Baton on one machine, under one Ctrl-C.

Nothing is restarted behind anybody's back: when one process ends, all are stopped and its name and exit code are said.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE
from types import FrameType

from mes.embedded import AlreadyRunning, Postgres, ServerFailed, Valkey
from mes.embedded.processes import dying_with_us, stop, write_closed
from tools import catalogues
from tools.environment import installation, write_environment
from tools.processes import MANAGE, WORKER

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
ROOMS = ("mes", "materials", "equipment", "recipes", "chain_of_identity", "batches", "qc_release", "scheduling")


def processes(port: int) -> dict[str, list[str]]:
    return {
        "web": [
            sys.executable, "-m", "gunicorn", "mes.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
            "--threads", "8", "--preload", "--log-level", "warning", "--no-control-socket",
        ],
        "worker": [*WORKER, "--loglevel", "warning"],
        "beat": [*MANAGE, "run_beat"],
        "gateway": [*MANAGE, "run_gateway"],
    }  # fmt: skip


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _raise_stopped)
    try:
        with ExitStack() as until_stopped:
            return run(port, until_stopped)
    except Stopped:
        print("Stopped.")
        return 0
    except (AlreadyRunning, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} ended with exit code {error.returncode}.", file=sys.stderr)
        return 1


def run(port: int, until_stopped: ExitStack) -> int:
    VAR.mkdir(mode=0o711, exist_ok=True)
    (VAR / "static").mkdir(exist_ok=True)
    refuse_taken_port(port)
    here = {"BATON_PUBLIC_ADDRESS": f"http://localhost:{port}"}
    environment = here | installation(VAR) | start_servers(until_stopped)
    write_environment(VAR / "environment", environment)
    catalogues.compile_all()
    prepare(environment)
    children = {name: start(name, command, environment) for name, command in processes(port).items()}
    until_stopped.callback(stop_all, children)
    if wait_for_web(port, children):
        print(f"\nBaton is at http://localhost:{port}  (Ctrl-C stops it)\n", flush=True)
    ended = first_to_end(children)
    print(f"{ended} ended with exit code {children[ended].returncode}; everything else is stopped.", file=sys.stderr)
    return 1


def start_servers(until_stopped: ExitStack) -> dict[str, str]:
    """The embedded servers, except where the environment already names a real one."""
    addresses: dict[str, str] = {}
    if "DATABASE_URL" not in os.environ:
        postgres = Postgres(VAR / "postgres")
        postgres.start()
        until_stopped.callback(postgres.stop)
        addresses |= {"DATABASE_URL": postgres.runtime_url, "DATABASE_OWNER_URL": postgres.owner_url}
    if "REDIS_URL" not in os.environ:
        valkey = Valkey(VAR / "valkey")
        valkey.start()
        until_stopped.callback(valkey.stop)
        addresses["REDIS_URL"] = valkey.url
    return addresses


def prepare(environment: dict[str, str]) -> None:
    """The schema and the demonstration site; says who its users are. Our own server remembers for which code it is."""
    mark, code, ours = VAR / "postgres" / "prepared.json", fingerprint(), "DATABASE_URL" not in os.environ
    before = json.loads(mark.read_text()) if ours and mark.exists() else {}
    if before.get("code") == code:
        print(before["said"], flush=True)
        return
    print("Preparing the database …", flush=True)
    manage("migrate", "--verbosity", "0", environment=environment)
    said = manage("load_demonstration", environment=environment)
    print(said, flush=True)
    if ours:
        write_closed(mark, json.dumps({"code": code, "said": said}))


def fingerprint() -> str:
    """Of everything that decides what schema and demonstration site are."""
    digest = sha256((ROOT / "requirements.lock").read_bytes())
    for package in ROOMS:
        for file in sorted((ROOT / package).rglob("*.*")):
            if file.suffix in {".py", ".yaml", ".sql"}:
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def manage(*command: str, environment: dict[str, str]) -> str:
    """Its output is for later; what it complains about is shown at once."""
    done = subprocess.run(
        [*MANAGE, *command], cwd=ROOT, env=environment, check=True, start_new_session=True, stdout=PIPE, text=True
    )
    return done.stdout


def start(name: str, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [*dying_with_us(), *command],
        cwd=ROOT,
        env=environment | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker"},
        stdout=PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in order
    )
    threading.Thread(target=_copy_output, args=(name, child), daemon=True).start()
    return child


def refuse_taken_port(port: int) -> None:
    if answers(port):
        raise AlreadyRunning(f"Port {port} is taken by another program. Choose another one: make run PORT={port + 1}")


def wait_for_web(port: int, children: dict[str, subprocess.Popen[bytes]]) -> bool:
    while all(child.poll() is None for child in children.values()):
        if answers(port):
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def first_to_end(children: dict[str, subprocess.Popen[bytes]]) -> str:
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        time.sleep(0.2)


def stop_all(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    for child in children.values():
        stop(child)


def _copy_output(name: str, child: subprocess.Popen[bytes]) -> None:
    for line in child.stdout or ():
        sys.stdout.buffer.write(f"{name:8}| ".encode() + line)
        sys.stdout.flush()


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # once is enough: stopping must run to its end
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
