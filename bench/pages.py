"""P4: every page and every call that reads, among few batches and among very many."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import psycopg
from django.test import Client

from batches.models import Batch
from bench.crowd import crowd
from bench.measures import say
from mes.accounts.models import User
from mes.accounts.rights import Role
from mes.matrix import Call, calls, pages
from mes.records.sealing import seal_now
from tests.given import batches as given
from tests.given import people
from tests.given.world import World, a_world, ids_for

FEW = 100
TIMES = 7


@dataclass(frozen=True)
class Growth:
    """How much longer a slow look takes among many batches: the middle of all pages, and the worst of them."""

    median: float
    worst: float
    worst_page: str
    of: int

    def __str__(self) -> str:
        return f"{self.median:.2f} over {self.of} pages and calls, worst {self.worst:.2f} ({self.worst_page})"


class Pages:
    """One of everything, and people who between them may see all of it."""

    def __init__(self, superuser: psycopg.Connection, batches: int) -> None:
        self.superuser, self.batches = superuser, batches
        self.site = people.a_site()
        self.world: World = a_world(self.site)
        self.batch: Batch = given.running_batch(self.site)
        seal_now()
        roles = [role for role in Role if role is not Role.ADMINISTRATOR]
        self.insider = _browser_of(people.a_person(self.site, "insider", *roles))
        self.office = _browser_of(people.persona(self.site, "anna"))
        self.calls = [call for call in [*calls(), *pages()] if call.method == "get"]

    def results(self) -> dict[str, object]:
        crowd(self.superuser, self.batch, first=1, last=FEW)
        few = self._all()
        say(f"copying {self.batches} batches")
        crowd(self.superuser, self.batch, first=FEW + 1, last=self.batches)
        many = self._all()
        ratios = {path: many[path] / few[path] for path in few}
        worst = max(ratios, key=ratios.__getitem__)
        growth = Growth(statistics.median(ratios.values()), ratios[worst], worst, len(ratios))
        return {"P4": growth, "P4 batches": self.batches, "P4 slowest, ms": _slowest(many)}

    def _all(self) -> dict[str, float]:
        """Seconds by path."""
        return {call.path: self._one(call) for call in self.calls}

    def _one(self, call: Call) -> float:
        browser = self.office if call.permission in people.OFFICE else self.insider
        address, took = call.url(ids_for(call.path, self.world)), []
        browser.get(address)  # what is read for the first time is slower, among few batches as among many
        for _ in range(TIMES):
            begin = time.perf_counter()
            browser.get(address)
            took.append(time.perf_counter() - begin)
        return sorted(took)[-2]  # the slowest but one: the slowest is the machine's as often as ours


def _slowest(seconds: dict[str, float]) -> dict[str, float]:
    found = sorted(seconds, key=seconds.__getitem__, reverse=True)[:10]
    return {path: round(seconds[path] * 1000, 1) for path in found}


def _browser_of(user: User) -> Client:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return browser
