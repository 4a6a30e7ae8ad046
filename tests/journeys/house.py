"""The demonstration client's stage, played in this process: requests go to Django at once, and nobody sleeps.

Whoever waits in the story waits for a machine or for the clock. Here a round of waiting is one sweep of the equipment
gateway and one beat of every periodic task; days pass by moving the site's clock to what is due next. The machines are
processes of their own behind their protocols, where there is a plant; the others are simulated in the gateway.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from rest_framework.test import APIClient

from equipment.gateway.site import SiteGateway
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.celery import app
from mes.records.services import act
from tests.plant.site import Plant
from tools.demo.client import Person, Refused
from tools.demo.progress import Progress
from tools.demo.stage import NAMES, PASSWORD, PIN, SITE, Stage, TookTooLong

Found = TypeVar("Found")
ROUNDS = 20
SCALE = 2  # the lowest that prints its mark on every paper


class HourlyGateway(SiteGateway):
    """Reads the units once an hour of process time: the story spans two weeks."""

    def interval(self) -> timedelta:
        return timedelta(hours=1)


@dataclass
class Colleague(Person):
    """A person whose requests go through Django's test client."""

    client: APIClient = field(default_factory=APIClient, repr=False)

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> bytes:
        parts = urlsplit(url)
        headers = {"Accept": "application/json, application/pdf", "Idempotency-Key": str(uuid4())}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        path, data = f"{parts.path}?{parts.query}", "" if body is None else json.dumps(body)
        answer: Any = self.client.generic(method, path, data, content_type="application/json", headers=headers)
        if answer.status_code >= 400:
            raise Refused(answer.json())
        return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


class House(Stage):
    """The demonstration site with its machines and its tasks, in the hands of the test."""

    def __init__(self, directory: Path, plant: Plant | None) -> None:
        super().__init__("", SCALE, Progress(1, StringIO()))
        self.gateway = HourlyGateway(self.here, directory)
        self.plant = plant
        if plant:
            plant.connect(User.objects.get(username="sven"), self.here, directory)

    @property
    def here(self) -> Site:
        return Site.objects.get(code=SITE)

    def open(self) -> None:
        client = APIClient()
        for name in NAMES:
            self.people[name] = Colleague("", name, PASSWORD, PIN, client=client).sign_in()
        self.site = self["anna"].get("me")["sites"][0]
        self.run_clock(SCALE)
        self.tell_clock()

    def wait(self, words: str, look: Callable[[], Found | None]) -> Found:
        for _ in range(ROUNDS):
            found = look()
            if found:
                return found
            self.go_round()
        raise TookTooLong(words)

    def go_round(self) -> None:
        """One sweep of the gateway, one beat of the tasks."""
        self.gateway.sweep()
        for task in settings.BEAT:
            app.tasks[task].apply().get()

    def now(self) -> datetime:
        return clock.now(self.here)

    def wait_until(self, when: datetime, words: str = "") -> None:
        self.move_clock(when + timedelta(seconds=1))
        self.go_round()

    def move_clock(self, to: datetime) -> None:
        """Put the site's clock forward, as if the time until then had passed."""
        site = self.here
        ahead = to - clock.now(site)
        if ahead > timedelta(0):
            with act(system_user("installer"), "tests.move_clock", site=site, subject=site):
                site.clock_shift += ahead
                site.save(update_fields=["clock_shift"])
            self.tell_clock()

    def tell_clock(self) -> None:
        if self.plant:
            self.plant.tell_clock(self.now(), SCALE)
