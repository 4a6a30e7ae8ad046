"""`make bench`: goals of docs/performance.md, each against its yardstick in the same run.

P1  completing a step (service, all checks and records) ÷ plain psycopg writing the same rows
P2  the same through HTTP: token, PIN, DRF, gunicorn
P3  round trips, WAL flushes and WAL bytes of one completion
P4  every page and every reading call among --batches batches ÷ among 100
P6  answers of the API to 50 operators, among 1,000 running batches, with readings coming in
P7  8,000 readings at a time through all that the gateway does with them, a limit for every tag ÷ COPY of the rows
P8  from a reading out of its limit to its alarm committed, during P7
P9  60 days of one tag in 1,000 points; the last minute of every tag: beside --readings others
P13 what 10,000 waiting batches cost while nothing happens
R2  from a kill to the next hold that ends; R5 how late holds end meanwhile
A1  a recorded write ÷ the same write without records
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.goals import GOALS, PARTS
from mes.embedded.postgres import DATABASE, SUPERUSER, binaries
from tools.installed import ROOT, installed

RESULTS = ROOT / "bench" / "results.json"
COUNTED = {"shared_preload_libraries": "pg_stat_statements"}


def main() -> None:
    wanted = argparse.ArgumentParser(prog="bench")
    wanted.add_argument("--readings", type=int, default=100_000_000, help="how many readings P9 is measured among")
    wanted.add_argument("--batches", type=int, default=100_000, help="how many batches P4 is measured among")
    wanted.add_argument(
        "--only", choices=PARTS, nargs="+", default=PARTS, help="these parts; results.json stays as it is"
    )
    asked = wanted.parse_args()
    results: dict[str, Any] = {}
    for part in asked.only:
        results |= measured(part, readings=asked.readings, batches=asked.batches)
    if asked.only == PARTS:
        RESULTS.write_text(json.dumps(results | facts(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    show(results)


def measured(part: str, **sizes: int) -> dict[str, Any]:
    """Each part in an installation and a process of its own: none meets what another left behind."""
    print(f"\n{part} …", flush=True)
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=var) as directory,
        installed(Path(directory), COUNTED) as (postgres, _, environment),
    ):
        told = {**sizes, "directory": directory}
        command = [sys.executable, "-m", "bench.part", part, *(f"{name}={value}" for name, value in told.items())]
        environment["BENCH_SUPERUSER_URL"] = postgres.url(SUPERUSER, DATABASE)
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def facts() -> dict[str, object]:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} × {platform.machine()}, load {os.getloadavg()[0]:.1f} at the end",
        "fdatasync_per_second": _fdatasync(),
        "seed": "none: nothing here is drawn at random",
    }


def _fdatasync() -> float | None:
    """How quickly this disk keeps a promise: the floor under every commit."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as directory:
        file = Path(directory, "probe")
        command = [str(binaries() / "pg_test_fsync"), "--secs-per-test", "1", "--filename", str(file)]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rates = [line.split()[1] for line in output.splitlines() if line.strip().startswith("fdatasync")]
    return float(rates[0]) if rates else None


def show(results: dict[str, Any]) -> None:
    print("\nBaton's bench\n")
    for name, value in results.items():
        shown = value["shown"] if isinstance(value, dict) and "shown" in value else value
        goal = f"\n      goal {GOALS[name]}" if name in GOALS else ""
        print(f"  {name}  {shown}{goal}")


if __name__ == "__main__":
    main()
