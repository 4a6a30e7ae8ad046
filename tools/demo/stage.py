"""Who plays, where, and by which clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from tools.demo.client import Person
from tools.demo.progress import Progress

PASSWORD = "living medicine 2026"  # noqa: S105  of the demonstration site, printed at every start
PIN = "271828"
NAMES = (
    "anna", "ines", "clara", "carlos", "kurt", "logan", "olga", "vera", "sven",
    "carl", "cora", "quinn", "petra", "ravi",
)  # fmt: skip
SITE = "GRAZ"
WORK = 60
PATIENCE = 180
GLANCE = 0.1


Found = TypeVar("Found")


class TookTooLong(Exception):
    """What was waited for did not come."""


@dataclass
class Stage:
    """The demonstration site as the API shows it. Work runs at ×60; waiting for cells at `scale`."""

    address: str
    scale: int
    progress: Progress
    people: dict[str, Person] = field(default_factory=dict)
    site: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def open(self) -> None:
        for name in NAMES:
            self.people[name] = Person(self.address, name, PASSWORD, PIN).sign_in()
        sites = self["anna"].get("me")["sites"]
        self.site = next(site for site in sites if site["code"] == SITE)

    def run_clock(self, scale: int) -> None:
        self["anna"].post(f"sites/{self.site['id']}/clock", {"scale": scale})

    @contextmanager
    def days_pass(self) -> Iterator[None]:
        """Cells take days; the demonstration clock takes them faster."""
        self.run_clock(self.scale)
        try:
            yield
        finally:
            self.run_clock(WORK)

    def wait(self, words: str, look: Callable[[], Found | None]) -> Found:
        """Look again until there is something, or lose patience."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            self.progress.show(words)
            time.sleep(GLANCE)
        raise TookTooLong(words)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
