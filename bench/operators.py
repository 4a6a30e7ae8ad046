"""P6: operators at tablets, a thousand running batches, readings coming in."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import psycopg

from batches.models import Batch, Step
from bench.completion import ROOT, web_server
from bench.crowd import crowd
from bench.measures import Latency, say
from bench.situation import VALUES, Situation
from mes.accounts.rights import Role
from mes.embedded.processes import dying_with_us
from tests.given import batches as given
from tests.given import people

OPERATORS, BATCHES = 50, 1000
SECONDS, WARMING_UP = 60.0, 40.0
BETWEEN_TAPS = (2.0, 6.0)  # seconds in which somebody reads and works
A_STEP = 28.0  # seconds that makes for one step: fifty people do not begin theirs at the same moment
WEB = ("--workers", "2", "--threads", "8")


@dataclass
class Operator(Thread):
    """Works through a batch: look, start, three values, signature, what is next. Every answer is timed."""

    address: tuple[str, int]
    username: str
    steps: list[str]
    chance: random.Random
    over: Flag
    took: list[tuple[float, float]] = field(default_factory=list)
    failure: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.line = HTTPConnection(*self.address, timeout=60)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """The first signature asks for the password; from then on the PIN is enough."""
        self.token = self._ask("POST", "tokens", self._credential()).get("token", "")
        self.took.clear()
        self.over.wait(self.chance.uniform(0, A_STEP))
        for method, path, body in self._work():
            if self.over.wait(self.chance.uniform(*BETWEEN_TAPS)) or self.failure:
                return
            self._ask(method, path, body)

    def _work(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for step in self.steps:
            yield "GET", f"steps/{step}", {}
            yield "POST", f"steps/{step}/start", {}
            for name, (value, unit) in VALUES.items():
                yield "POST", f"steps/{step}/entries", {"name": name, "value": value, "unit": unit}
            pin = {"pin": people.PIN} if step != self.steps[0] else self._credential()
            yield "POST", f"steps/{step}/complete", {"signature": pin}
            yield "GET", "next-actions", {}

    def _credential(self) -> dict[str, str]:
        return {"username": self.username, "password": people.PASSWORD}

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
        headers |= {"Authorization": f"Token {self.token}"} if self.token else {}
        begin = time.perf_counter()
        self.line.request(method, f"/api/v1/{path}", json.dumps(body) if body else None, headers)
        answer = self.line.getresponse()
        text = answer.read()
        self.took.append((begin, time.perf_counter() - begin))
        if answer.status >= 300:
            self.failure = f"{method} {path}: {answer.status} {text.decode()[:300]}"
            return {}
        told = json.loads(text)
        return told if isinstance(told, dict) else {}


def results(superuser: psycopg.Connection, directory: Path) -> dict[str, object]:
    situation = Situation()
    names = [f"operator{number}" for number in range(OPERATORS)]
    given.trained(situation.recipe, *(people.a_person(situation.site, name, Role.OPERATOR) for name in names))
    batches = [situation.scanned_batch() for _ in names]
    say(f"copying {BATCHES} running batches")
    crowd(superuser, batches[0], first=1, last=BATCHES)
    over = Flag()
    with web_server(directory, *WEB) as line, readings_coming_in():
        operators = [
            Operator((str(line.host), line.port), name, _steps_of(batch), random.Random(name), over)  # noqa: S311
            for name, batch in zip(names, batches, strict=True)
        ]
        begin = time.perf_counter() + WARMING_UP
        for operator in operators:
            operator.start()
        over.wait(WARMING_UP + SECONDS)
        over.set()
        for operator in operators:
            operator.join()
    if failures := [operator.failure for operator in operators if operator.failure]:
        raise RuntimeError(failures[0])
    took = [seconds for operator in operators for at, seconds in operator.took if at >= begin]
    return {"P6": Latency.of_all(took), "P6 answers per second": round(len(took) / SECONDS, 1)}


def _steps_of(batch: Batch) -> list[str]:
    steps = Step.objects.filter(batch=batch).exclude(key__in=["S001", "S999"]).order_by("position")
    return [str(step) for step in steps.values_list("id", flat=True)]


@contextmanager
def readings_coming_in() -> Iterator[None]:
    """8,000 readings every ten seconds, by a process of their own."""
    command = [*dying_with_us(), sys.executable, "-m", "bench.part", "stream"]
    stream = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
    finally:
        stream.terminate()
        stream.wait()
