"""Alarms over /api/v1/ and their forms."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from equipment.models import AlarmDefinition, Unit
from mes.accounts.models import Site
from tests.given import alarms as given
from tests.given import equipment as plant
from tests.given.people import PASSWORD, client_of, persona

pytestmark = pytest.mark.django_db
WORDS: dict[str, object] = {
    "priority": "p1",
    "consequence": "Cells die within an hour.",
    "response": "Move the bag to INC-4.",
    "respond_minutes": 10,
}


@pytest.fixture
def unit(site: Site) -> Unit:
    return plant.unit(site, "incubator", code="INC-3")


@pytest.mark.ux("AL-01")
def test_a_definition_without_a_response_is_refused_by_call_and_by_form(unit: Unit, site: Site, client: Client) -> None:
    ravi = persona(site, "ravi")
    body = WORDS | {"unit_id": str(unit.id), "tag": "co2", "low": "4.5", "response": ""}
    refused = client_of(ravi).post("/api/v1/alarm-definitions", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "alarm_without_response")
    client.force_login(ravi, backend="mes.accounts.backend.SessionBackend")
    form = body | {"unit": str(unit.id), "deadband": "0", "delay_seconds": "10", "owner": "supervisor"}
    page = client.post("/alarms/definitions/", form)
    assert page.status_code == 400
    assert "no alarm" in page.content.decode()
    assert not AlarmDefinition.objects.exists()
    done = client.post("/alarms/definitions/", form | {"response": "Move the bag to INC-4."})
    assert (done.status_code, str(AlarmDefinition.objects.get().low)) == (302, "4.500000")


def test_the_life_of_a_definition(unit: Unit, site: Site) -> None:
    ravi = client_of(persona(site, "ravi"))
    made = ravi.post("/api/v1/alarm-definitions", WORDS | {"unit_id": str(unit.id), "tag": "co2", "low": "4.5"})
    assert made.status_code == 201, made.json()
    path = f"/api/v1/alarm-definitions/{made.json()['id']}"
    assert ravi.post(f"{path}/change", {"low": "4.6"}).status_code == 400, "without a reason"
    assert ravi.post(f"{path}/change", {"low": "4.6", "reason": "SOP-12"}).json()["low"] == "4.600000"
    assert ravi.post(f"{path}/withdraw", {"reason": "Sensor removed"}).json()["status"] == "withdrawn"
    listed = ravi.get("/api/v1/alarm-definitions", {"unit": "INC-3"}).json()["results"]
    assert [each["status"] for each in listed] == ["withdrawn"]


@pytest.mark.req("R-116")
def test_alarms_are_searched_acknowledged_and_shelved(unit: Unit, site: Site) -> None:
    alarm = given.raised(unit, comment_required=True)
    olga, sven = client_of(persona(site, "olga")), client_of(persona(site, "sven"))
    path = f"/api/v1/alarms/{alarm.id}"
    for query, number in (({"status": "new"}, 1), ({"status": "closed"}, 0), ({"unit": "INC-3", "priority": "p1"}, 1)):
        assert len(olga.get("/api/v1/alarms", query).json()["results"]) == number
    assert olga.get("/api/v1/alarms", {"status": "loud"}).status_code == 400
    signature = {"signature": {"username": "olga", "password": PASSWORD}}
    assert olga.post(f"{path}/acknowledge", signature).status_code == 400
    unsigned = olga.post(f"{path}/acknowledge", {"comment": "Door was open"})
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_refused")
    seen = olga.post(f"{path}/acknowledge", {"comment": "Door was open"} | signature).json()
    assert (seen["status"], seen["acknowledged_by"], seen["cleared_at"]) == ("acknowledged", "Olga Operator", None)
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    assert olga.post(f"{path}/shelve", {"until": until, "reason": "Repair"}).status_code == 403
    assert sven.post(f"{path}/shelve", {"until": until, "reason": "Repair"}).json()["status"] == "shelved"


@pytest.mark.req("R-118")
def test_a_shelf_without_an_end_is_refused(unit: Unit, site: Site) -> None:
    alarm = given.raised(unit)
    refused = client_of(persona(site, "sven")).post(f"/api/v1/alarms/{alarm.id}/shelve", {"reason": "Repair"})
    assert (refused.status_code, list(refused.json()["details"]["fields"])) == (400, ["until"])
    assert given.again(alarm).status == "new"


def test_pages_acknowledge_and_shelve(unit: Unit, site: Site, client: Client) -> None:
    alarm = given.raised(unit)
    client.force_login(persona(site, "sven"), backend="mes.accounts.backend.SessionBackend")
    assert client.post(f"/alarms/{alarm.id}/shelve/", {"minutes": "60", "reason": ""}).status_code == 400
    seen = {"comment": "Seen", "username": "sven", "password": PASSWORD}
    assert client.post(f"/alarms/{alarm.id}/acknowledge/", {"comment": "Seen"}).status_code == 401
    assert client.post(f"/alarms/{alarm.id}/acknowledge/", seen).status_code == 302
    assert client.post(f"/alarms/{alarm.id}/acknowledge/", seen).status_code == 409
    assert client.post(f"/alarms/{alarm.id}/shelve/", {"minutes": "60", "reason": "Repair"}).status_code == 302
    assert given.again(alarm).status == "shelved"
    assert "Shelved" in client.get("/alarms/", {"status": "shelved", "by": "cause"}).content.decode()
