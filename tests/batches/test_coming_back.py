"""Whoever comes back to a batch scans its label before anything else; programs do not come back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from batches.models import Entry, Step
from chain_of_identity.models import Container
from chain_of_identity.states import ContainerStatus
from mes import server_clock
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.records.services import act
from tests.given import batches as given
from tests.given import people
from tests.given.people import PASSWORD, PIN

AWAY = 400  # seconds, more than the five minutes that make somebody come back


@pytest.fixture
def step(site: Site, olga: User) -> Step:
    """In work, its bag scanned in the step before."""
    return given.started(given.running_batch(site), "S020")


def signed_in(user: User) -> APIClient:
    client = APIClient()
    assert client.post("/sign-in/", {"badge": user.badge, "pin": PIN}, format="multipart").status_code == 302
    return client


def record(client: APIClient, step: Step, name: str = "bag_intact", value: str = "yes", **headers: str) -> str:
    body = {"name": name, "value": value}
    answer = client.post(f"/api/v1/steps/{step.id}/entries", body, format="json", headers=headers)
    return "recorded" if answer.status_code == 201 else str(answer.json()["code"])


def scan(client: APIClient, step: Step) -> None:
    answer = client.post(f"/api/v1/steps/{step.id}/scans", {"code": f"&/{step.batch.coi_id}"}, format="json")
    assert answer.status_code == 201


def been_away(client: APIClient, seconds: int = AWAY) -> None:
    client.get("/api/v1/me")
    session = client.session
    session["seen"] -= seconds
    session.save()


def test_whoever_signs_in_scans_before_the_first_entry(step: Step, olga: User) -> None:
    client = signed_in(olga)
    assert record(client, step) == "reidentify"
    shown = client.get(f"/api/v1/steps/{step.id}").json()
    assert (shown["acts"], shown["missing"][0]["code"]) == (["scan", "entry"], "scan_missing")
    scan(client, step)
    assert client.get(f"/api/v1/steps/{step.id}").json()["acts"] == ["entry"]
    assert record(client, step) == "recorded"


def test_material_waits_for_it_too(site: Site, olga: User) -> None:
    step, client = given.started(given.running_batch(site), "S110"), signed_in(olga)
    body = {"code": given.lot(site, "VEC-CD20").barcode, "quantity": "1", "unit": "mL"}
    answer = client.post(f"/api/v1/steps/{step.id}/materials", body, format="json")
    assert answer.json()["code"] == "reidentify"


def test_five_minutes_are_away_and_three_are_not(step: Step, olga: User) -> None:
    client = signed_in(olga)
    scan(client, step)
    been_away(client, 180)
    assert record(client, step) == "recorded"
    been_away(client)
    assert record(client, step, "appearance", "homogeneous") == "reidentify"
    scan(client, step)
    assert record(client, step, "appearance", "homogeneous") == "recorded"


def test_the_scan_of_somebody_else_is_not_theirs(step: Step, olga: User, vera: User) -> None:
    client = signed_in(olga)
    scan(client, step)
    taken: dict[str, object] = {"badge": vera.badge, "pin": PIN, "unsent": {}}
    assert client.post(f"/api/v1/steps/{step.id}/hand-over", taken, format="json").status_code == 201
    assert record(client, step) == "reidentify"
    scan(client, step)
    assert record(client, step) == "recorded"
    assert Entry.objects.get(step=step).by == vera


def test_a_lock_and_its_opening_ask_for_it(step: Step, olga: User) -> None:
    client = signed_in(olga)
    scan(client, step)
    client.post("/lock/")
    assert client.post("/sign-in/", {"badge": olga.badge, "pin": PIN}, format="multipart").status_code == 302
    assert record(client, step) == "reidentify"


def test_a_label_that_cannot_be_scanned_is_compared_by_two(step: Step, olga: User, vera: User) -> None:
    client = signed_in(olga)
    bag = Container.objects.filter(batch_id=step.batch_id, status="filled").first()
    assert bag is not None
    body = {
        "code": bag.label,
        "cause": "damaged",
        "reason": "It is wet and torn.",
        "verification": {"username": "vera", "password": PASSWORD},
    }
    answer = client.post(f"/api/v1/steps/{step.id}/cannot-scan", body, format="json")
    assert answer.status_code == 201, answer.json()
    assert record(client, step) == "recorded"


def test_where_nothing_can_be_scanned_nobody_is_asked(step: Step, olga: User) -> None:
    with act(system_user("installer"), "test.empty", site=step.site):
        Container.objects.filter(batch_id=step.batch_id).update(status=ContainerStatus.EMPTIED)
    assert record(signed_in(olga), step) == "recorded"


def test_what_was_captured_before_was_judged_by_the_tablet(step: Step, olga: User) -> None:
    client, now = signed_in(olga), server_clock.now()
    before = {"Device-Time": now.isoformat(), "Device-Captured": (now - timedelta(minutes=2)).isoformat()}
    assert record(client, step, **before) == "recorded"


def test_a_tablet_without_network_was_not_left(step: Step, olga: User) -> None:
    client = signed_in(olga)
    scan(client, step)
    been_away(client)
    now = server_clock.now().isoformat()
    apart = {"Device-Time": now, "Device-Captured": now, "Device-Apart": "400", "Device-Steps": "1"}
    assert record(client, step, **apart) == "recorded"


def test_a_program_with_a_token_does_not_come_back(step: Step, olga: User) -> None:
    body = {"username": "olga", "password": PASSWORD}
    token = APIClient().post("/api/v1/tokens", body, format="json").json()["token"]
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert record(program, step) == "recorded"


def test_it_costs_one_query(site: Site, olga: User) -> None:
    def queries_of_an_act(client: APIClient) -> int:
        step = given.started(given.running_batch(site), "S020")
        scan(client, step)
        with CaptureQueriesContext(connection) as asked:
            assert record(client, step) == "recorded"
        return len(asked)

    by_page, by_session = people.client_of(olga), signed_in(olga)
    assert queries_of_an_act(by_session) - queries_of_an_act(by_page) == 1
