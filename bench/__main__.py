"""`make bench`: goals of docs/performance.md, each against its yardstick in the same run.

P1  completing a step (service, all checks and records) ÷ plain psycopg writing the same rows
P2  the same through HTTP: token, PIN, DRF, gunicorn
P3  round trips, WAL flushes and WAL bytes of one completion
P7  8,000 readings at a time through all that the gateway does with them, a limit for every tag ÷ COPY of the rows
P8  from a reading out of its limit to its alarm committed, during P7
P9  60 days of one tag in 1,000 points; the last minute of every tag: beside --readings others
A1  a recorded write ÷ the same write without records
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from mes.embedded import Postgres, Valkey
from mes.embedded.postgres import binaries
from tools.environment import installation

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"
GOALS = {
    "P1": "≥ 0.30",
    "P2": "≥ 0.10",
    "P3": "≤ 8 round trips, 1 flush, ≤ 6 kB WAL",
    "P7": "≥ 0.15",
    "P8": "p99 ≤ 2 s",
    "P9 60 days of one tag": "≤ 1 s",
    "P9 last minute of all tags": "≤ 0.5 s",
    "A1": "≥ 0.75",
}


def main() -> None:
    wanted = argparse.ArgumentParser(prog="bench")
    wanted.add_argument("--readings", type=int, default=100_000_000, help="how many readings P9 is measured among")
    readings = wanted.parse_args().readings
    with ExitStack() as until_done:
        directory = Path(tempfile.mkdtemp(prefix="bench-", dir=_made(ROOT / "var")))
        until_done.callback(shutil.rmtree, directory)
        postgres = Postgres(directory / "postgres", settings={"shared_preload_libraries": "pg_stat_statements"})
        postgres.start()
        until_done.callback(postgres.stop)
        valkey = Valkey(directory / "valkey")
        valkey.start()
        until_done.callback(valkey.stop)
        os.environ |= installation(directory) | {
            "BATON_DATA_DIR": str(_made(directory / "data")),
            "BATON_LOG_LEVEL": "ERROR",
            "DATABASE_URL": postgres.runtime_url,
            "DATABASE_OWNER_URL": postgres.owner_url,
            "DJANGO_SETTINGS_MODULE": "mes.settings",
            "REDIS_URL": valkey.url,
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
        report(measure(postgres, readings) | facts())


def measure(postgres: Postgres, readings: int) -> dict[str, object]:
    import django

    django.setup()
    from bench.rounds import Bench  # models exist only now

    with Bench(postgres, readings=readings) as bench:
        return bench.results()


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


def report(results: dict[str, object]) -> None:
    from bench.measures import as_json

    RESULTS.write_text(as_json(results), encoding="utf-8")
    print("\nBaton's bench\n")
    for name, goal in GOALS.items():
        print(f"  {name}  {results[name]}\n      goal {goal}")
    for name in results.keys() - GOALS.keys():
        print(f"  {name}: {results[name]}")
    print(f"\nwritten to {RESULTS.relative_to(ROOT)}")


def _made(directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    return directory


if __name__ == "__main__":
    main()
