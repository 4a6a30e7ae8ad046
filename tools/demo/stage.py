"""Who plays, where, and by which clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
DAYS = 17280  # a day in five seconds
PATIENCE = 180
GLANCE, LONGEST_GLANCE = 0.1, 0.5
SECOND = timedelta(seconds=1)


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
    _shown: datetime = field(default_factory=lambda: datetime.now(UTC))
    _read_at: float = field(default_factory=time.monotonic)
    _scale: int = 1

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def open(self) -> None:
        for name in NAMES:
            self.people[name] = Person(self.address, name, PASSWORD, PIN).sign_in()
        sites = self["anna"].get("me")["sites"]
        self.site = next(site for site in sites if site["code"] == SITE)

    def run_clock(self, scale: int) -> None:
        shown = self.now()  # before the call: we may then be behind Baton's clock, and never ahead of it
        self["anna"].post(f"sites/{self.site['id']}/clock", {"scale": scale})
        self.read_clock(shown, scale)

    def read_clock(self, shown: datetime, scale: int) -> None:
        """What the site's clock shows now, so that we know when to go on; Baton itself judges by its own."""
        self._shown, self._read_at, self._scale = shown, time.monotonic(), scale

    def now(self) -> datetime:
        return self._shown + (time.monotonic() - self._read_at) * self._scale * SECOND

    def wait_until(self, when: datetime, words: str = "the day comes") -> None:
        """Nothing happens before this time of the site's clock. Nobody is asked meanwhile: we know when it is over."""
        if self.now() < when:
            with self.days_pass():
                while (left := self._seconds_until(when)) > 0:
                    self.progress.show(words)
                    time.sleep(min(GLANCE, left))

    def _seconds_until(self, when: datetime) -> float:
        return (when - self.now()) / SECOND / self._scale

    @contextmanager
    def days_pass(self) -> Iterator[None]:
        """Cells take days; the demonstration clock takes them faster."""
        self.run_clock(self.scale)
        try:
            yield
        finally:
            self.run_clock(WORK)

    def wait(self, words: str, look: Callable[[], Found | None]) -> Found:
        """Look again until there is something, less and less often, or lose patience."""
        until, pause = time.monotonic() + PATIENCE, GLANCE
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            self.progress.show(words)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_GLANCE)
        raise TookTooLong(words)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
