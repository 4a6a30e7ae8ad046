"""The same timers as plain Celery countdowns, on the same broker, under the same kills: how it is usually done."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from threading import Event as Flag
from time import monotonic, time

from celery import Celery

from tools.faults.plant import Process

SECONDS = 3.0
BETWEEN_TIMERS = (0.05, 0.15)
LONGEST_START = 60.0
FIRED = Path(os.environ.get("YARDSTICK_FIRED", "/dev/null"))

app = Celery("yardstick", broker=os.environ.get("YARDSTICK_BROKER", ""))
app.conf.broker_connection_retry_on_startup = True


@app.task(name="yardstick.fire", ignore_result=True)
def fire(number: int, due: float) -> None:
    with FIRED.open("a") as file:
        file.write(f"{number} {time() - due}\n")


def measure(directory: Path, broker: str, *, timers: int, kills: int, seed: int) -> dict[str, int]:
    """Set timers while the worker is killed again and again; how many never fired, fired twice, fired early.

    It is killed only when it is at work: what is lost is lost by the way, not by a start that takes long.
    """
    fired = directory / "fired"
    fired.touch()
    environment = {**os.environ, "YARDSTICK_FIRED": str(fired), "YARDSTICK_BROKER": broker}
    worker, sender = _worker(environment, directory / "yardstick.log"), Celery("yardstick", broker=broker)
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    _start(worker, sender, fired)
    for number in range(timers):
        sender.send_task("yardstick.fire", (number, time() + SECONDS), countdown=SECONDS)
        Flag().wait(chance.uniform(*BETWEEN_TIMERS))
        if number * kills // timers != (number + 1) * kills // timers:
            worker.kill()
            _start(worker, sender, fired)
    Flag().wait(SECONDS * 2)
    _wait_for_a_sign(sender, fired)
    worker.kill()
    lines = [line.split() for line in fired.read_text().splitlines() if not line.startswith("-")]
    times = Counter(number for number, _ in lines)
    return {
        "timers": timers,
        "kills": kills,
        "lost": timers - len(times),
        "doubled": sum(count > 1 for count in times.values()),
        "early": sum(float(late) < 0 for _, late in lines),
    }


def _start(worker: Process, sender: Celery, fired: Path) -> None:
    worker.start()
    _wait_for_a_sign(sender, fired)


def _wait_for_a_sign(sender: Celery, fired: Path) -> None:
    """Until a worker has done what it is asked now: it is up, and everything before it was taken."""
    signs = fired.read_text().count("-1 ")
    sender.send_task("yardstick.fire", (-1, time()))
    until = monotonic() + LONGEST_START
    while fired.read_text().count("-1 ") == signs:
        if monotonic() > until:
            raise RuntimeError("The worker of the yardstick does not start.")
        Flag().wait(0.1)


def _worker(environment: Mapping[str, str], log: Path) -> Process:
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "tools.faults.yardstick", "worker"]
    return Process([*command, "--concurrency", "2", "--loglevel", "error"], environment, log)
