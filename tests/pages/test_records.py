"""The records page: filtered, paged by key, exported, at a constant price."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mes.accounts.models import Site, User
from mes.pages.records import PAGE
from mes.records.models import SecurityEvent
from mes.records.services import act

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def record(actor: User, site: Site, times: int, action: str = "tests.note") -> None:
    for number in range(times):
        with act(actor, action, site=site, reason=f"number {number}"):
            pass


def shown(client: Client, **query: Any) -> list[str]:
    page = client.get("/records/", query)
    return [event.reason for event in page.context["shown"].events]


def exported(client: Client, form: str, **query: Any) -> str:
    return b"".join(client.get(f"/records/export.{form}", query).streaming_content).decode()  # type: ignore[attr-defined]


def test_shows_what_a_person_did_newest_first(quinn: User, olga: User, site: Site) -> None:
    record(olga, site, 3)
    assert shown(client_of(quinn), person="olga", action="tests.") == ["number 2", "number 1", "number 0"]


def test_pages_lead_back_and_forth_without_gap_or_repeat(quinn: User, olga: User, site: Site) -> None:
    record(olga, site, PAGE + 10)
    client = client_of(quinn)
    first = client.get("/records/", {"person": "olga", "action": "tests."}).context["shown"]
    older = client.get("/records/", {"person": "olga", "action": "tests.", "before": first.older}).context["shown"]
    back = client.get("/records/", {"person": "olga", "action": "tests.", "after": older.newer}).context["shown"]
    assert len({event.id for event in [*first.events, *older.events]}) == PAGE + 10
    assert [event.id for event in back.events] == [event.id for event in first.events]
    assert (first.newer, older.older, back.newer) == ("", "", "")


def test_the_price_of_a_page_does_not_grow(quinn: User, olga: User, site: Site) -> None:
    client, counts = client_of(quinn), []
    client.get("/records/")  # the first request of a session writes it
    for times in (1, 30):
        record(olga, site, times)
        with CaptureQueriesContext(connection) as queries:
            client.get("/records/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_exports_the_filtered_events_as_csv_and_json(quinn: User, olga: User, site: Site) -> None:
    record(olga, site, 2)
    client = client_of(quinn)
    rows = list(csv.DictReader(StringIO(exported(client, "csv", action="tests."))))
    events = json.loads(exported(client, "json", action="tests."))
    assert [row["reason"] for row in rows] == [event["reason"] for event in events] == ["number 1", "number 0"]
    assert {row["actor_username"] for row in rows} == {"olga"}
    assert SecurityEvent.objects.filter(kind="records_exported", username="quinn").count() == 2


def test_a_cell_is_never_a_formula(quinn: User, olga: User, site: Site) -> None:
    with act(olga, "tests.formula", site=site, reason="=1+1"):
        pass
    assert "'=1+1" in exported(client_of(quinn), "csv", action="tests.formula")


def test_a_filter_that_finds_nobody_says_so(quinn: User) -> None:
    page = client_of(quinn).get("/records/", {"person": "nobody"})
    assert page.status_code == 400
    assert "Nobody here has the user name" in page.content.decode()


def test_events_of_another_site_stay_there(quinn: User, olga: User, site: Site, foreign_site: Site) -> None:
    record(olga, foreign_site, 1, "tests.elsewhere")
    assert shown(client_of(quinn), action="tests.elsewhere") == []


def test_is_closed_to_people_without_the_right(clara: User) -> None:
    assert client_of(clara).get("/records/").status_code == 403
