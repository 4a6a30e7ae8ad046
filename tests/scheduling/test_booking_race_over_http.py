"""The race for places as the world runs it: two hundred programs, each with its token, at the product's own server."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from knox.models import AuthToken

from mes import clock
from mes.accounts.models import Site
from mes.accounts.rights import Role
from mes.embedded.processes import dying_with_us, free_port, stop, wait_until
from scheduling.models import Slot, Suite
from scheduling.states import SlotStatus
from tests.given import people
from tests.given import scheduling as given
from tests.scheduling.test_booking_race import many_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("R-192")]

CLIENTS = 200
PLANNERS = 20
GUNICORN = [sys.executable, "-m", "gunicorn", "mes.wsgi", "--preload", "--no-control-socket", "--log-level", "warning"]


class Client(NamedTuple):
    """A program with a token of its own, and the one place it wants."""

    token: str
    body: dict[str, str]

    def ask(self, port: int, start: Barrier) -> tuple[int, str]:
        """The status and the code of the answer. Everybody is connected before anybody asks."""
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        headers = {"Content-Type": "application/json", "Authorization": f"Token {self.token}"}
        start.wait()
        connection.request("POST", "/api/v1/slots", json.dumps(self.body), headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        connection.close()
        return answer.status, said.get("code", "")


@pytest.fixture
def port(transactional_db: None, server_environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The product's WSGI server as it is deployed: workers that are processes, each with threads."""
    port, log = free_port(), tmp_path / "web.log"
    environment = os.environ | server_environment | {"DJANGO_SETTINGS_MODULE": "mes.settings"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*dying_with_us(), *GUNICORN, "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: _answers(port), process, log)
        yield port
    finally:
        stop(process)


def test_two_hundred_clients_take_forty_slots_over_http(port: int, transactional_db: None) -> None:
    site = people.a_site()
    clients = _clients(site)
    start = Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = Counter(pool.map(lambda client: client.ask(port, start), clients))
    assert answers == {(201, ""): 40, (409, "slot_taken"): 160}
    held = Slot.objects.filter(status=SlotStatus.HELD)
    assert held.count() == 40
    assert set(Counter(held.values_list("suite__code", "window")).values()) == {5}
    assert held.values("suite", "window", "lane").distinct().count() == 40


def _clients(site: Site) -> list[Client]:
    """Eight places of five lanes each, and twenty-five clients for every one of them."""
    tokens = _tokens(site)
    places = _places(site)
    return [
        Client(token, {"order_id": str(order.id), "suite": suite.code, "start": clock.iso(start)})
        for token, order, (suite, start) in zip(tokens, many_orders(site, CLIENTS), places * 25, strict=True)
    ]


def _tokens(site: Site) -> list[str]:
    planners = [people.a_person(site, f"planner{number}", Role.PLANNER) for number in range(PLANNERS)]
    return [AuthToken.objects.create(user=planners[number % PLANNERS])[1] for number in range(CLIENTS)]


def _places(site: Site) -> list[tuple[Suite, datetime]]:
    first = given.in_days(site, 5)
    starts = [first, first + timedelta(days=given.DAYS)]
    return [(given.suite(site, f"S{number}", capacity=5), start) for number in range(4) for start in starts]


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return bool(connection.getresponse().read())
    except OSError:
        return False
    finally:
        connection.close()
