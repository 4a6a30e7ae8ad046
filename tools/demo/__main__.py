"""Play the story and print where its documents are. Starts Baton when none is running at the address."""

from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from mes.embedded.processes import dying_with_us
from tools.demo import leaving
from tools.demo.batch import Manufacture
from tools.demo.client import Refused
from tools.demo.journey import Journey
from tools.demo.progress import Progress
from tools.demo.release import Quality
from tools.demo.scripts import CART_A
from tools.demo.stage import DAYS, WORK, Stage, TookTooLong, moment

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = ROOT / "var" / "demo"
START_WITHIN = 300
LONGEST_ANSWER = 10
FAULTS = (Refused, TookTooLong, RuntimeError, OSError)
# Steps of recipe A that are carried out, and the ten chapters around them.
BEATS = 55


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--scale", type=int, default=DAYS, help="how fast days pass while cells grow")
    asked = parser.parse_args()
    stage = Stage(asked.address, asked.scale, Progress(BEATS))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(asked.address):
            play(stage)
            return verify()
    except FAULTS as fault:
        stage.progress.say(f"The demonstration ended early: {fault}")
        return 1
    except KeyboardInterrupt:
        stage.progress.say("The demonstration was broken off.")
        return 130


def play(stage: Stage) -> None:
    stage.open()
    leaving.clear_up(stage)
    stage.run_clock(WORK)
    try:
        tell(stage)
    finally:
        leave(stage)


def leave(stage: Stage) -> None:
    """Give back what is not finished, and the clock. What fails here must not hide why the story ended."""
    try:
        leaving.clear_up(stage)
        stage.run_clock(1)
    except FAULTS as fault:
        stage.progress.say(f"The next demonstration has to clear up after this one: {fault}")


def tell(stage: Stage) -> None:
    """One patient from order to infusion; another one's bag lies about."""
    beat = stage.progress.advance
    beat("the clinic orders")
    journey = Journey.ordered(stage, "Ana Muster", CART_A)
    stage.read_clock(moment(journey.order["placed_at"]), WORK)
    stage.progress.say(f"Order {journey.order['short']} ({journey.order['coi_id']})")
    stranger = Journey.ordered(stage, "Ben Muster", CART_A).labelled_bag()
    beat("the planner finds a slot")
    slot = journey.plan()
    leaving.note(slot)
    stage.progress.say(f"Batch {slot['batch_number']} in {slot['suite']} from {slot['start'][:16]}")
    beat("the cells are collected")
    stage.wait_until(moment(slot["collection_start"]))
    journey.collect()
    beat("the courier brings them")
    journey.deliver()
    manufacture = Manufacture(stage, journey, slot, stranger)
    manufacture.run()
    beat("the laboratory tests")
    quality = Quality(stage, manufacture)
    quality.test()
    beat("quality releases with results pending")
    quality.release("released_pending")
    stage.progress.say("Released with results pending: sterility, mycoplasma, vector copy number")
    beat("the product goes to the clinic")
    journey.ship()
    beat("the patient gets the cells back")
    infusion = journey.infuse()
    stage.progress.say(f"Infused: {infusion['volume_ml']} mL, order {infusion['order_status']}")
    beat("the late results arrive")
    quality.late_results()
    quality.release("released")
    beat("the documents are made")
    write(stage, journey, quality)


def write(stage: Stage, journey: Journey, quality: Quality) -> None:
    DOCUMENTS.mkdir(parents=True, exist_ok=True)
    asked = quality.ask_for_batch_record()  # the longest: the others are made while the worker is at it
    papers = {
        "certificate": quality.certificate(),
        "chain-of-identity": stage["logan"].download(f"{journey.path}/chain-report.pdf"),
        "batch-record": quality.batch_record(asked),
    }
    stage.progress.say("")
    for name, content in papers.items():
        file = DOCUMENTS / f"{journey.order['short']}-{name}.pdf"
        file.write_bytes(content)
        stage.progress.say(f"{name:18} {file.relative_to(ROOT)}")


def verify() -> int:
    """Is every record still what was sealed? The same command an inspector runs."""
    print("Verifying the records …", flush=True)
    return subprocess.run([sys.executable, "manage.py", "verify_records"], cwd=ROOT, check=False).returncode


@contextlib.contextmanager
def running(address: str) -> Iterator[None]:
    """Baton at the address: the one that is there, or one of our own that ends with us."""
    if is_taken(address):
        wait_for_answer(address, lambda: True)
        yield
        return
    port = address.rpartition(":")[2]
    print("Starting Baton …", flush=True)
    own = subprocess.Popen(
        [*dying_with_us(), sys.executable, "-m", "tools.run", "--port", port],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours: what we took is given back before Baton ends
    )
    try:
        wait_for_answer(address, lambda: own.poll() is None)
        yield
    finally:
        own.send_signal(signal.SIGINT)
        own.wait()


def wait_for_answer(address: str, is_alive: Callable[[], bool]) -> None:
    until = time.monotonic() + START_WITHIN
    while not answers(address):
        if not is_alive() or time.monotonic() > until:
            raise RuntimeError(f"Baton does not answer at {address}. See what `make run` says.")
        time.sleep(0.5)


def is_taken(address: str) -> bool:
    """Somebody listens there. A Baton with much to do may take its time to answer, and is still the only one."""
    parts = urllib.parse.urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, port)) == 0


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=LONGEST_ANSWER):  # noqa: S310 (our address)
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
