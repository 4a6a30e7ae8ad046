"""What HTTP adds: the whole vertical slice by API, replays, and one answer for the run screen."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from batches.models import Batch, Entry, Step
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.records.models import Signature
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people

API = "/api/v1"


def post(client: APIClient, url: str, body: object = None, status: int = 200, **headers: str) -> dict[str, object]:
    answer = client.post(f"{API}{url}", body or {}, format="json", headers=headers)
    assert answer.status_code == status, answer.content
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.req("R-016", "R-086")
def test_from_plan_to_a_signed_step_by_api(site: Site, olga: User, sven: User) -> None:
    batch = given.planned_batch(site)
    bag = identity_given.bag_of(batch.order)
    supervisor, operator = people.client_of(sven), people.client_of(olga)
    post(supervisor, f"/batches/{batch.id}/issue", {"signature": people.signature(sven)})
    post(operator, f"/batches/{batch.id}/commands", {"command": "START"})
    [next_action] = operator.get(f"{API}/next-actions").json()
    url = f"/steps/{next_action['step_id']}"
    screen = post(operator, f"{url}/start")
    assert screen["acts"] == ["scan"]
    screen = post(operator, f"{url}/scans", {"code": bag.label}, 201)
    assert screen["acts"] == ["complete"]
    signature = people.signature(olga) | {"seen": screen["digest"]}
    done = post(operator, f"{url}/complete", {"signature": signature})
    assert (done["status"], done["signature"]["performed"]) == ("COMPLETE", True)  # type: ignore[index]
    following = f"/steps/{done['next']['id']}"  # type: ignore[index]
    post(operator, f"{following}/start")
    entry = {"id": str(uuid4()), "name": "volume", "value": "120.5", "unit": "mL"}
    saved = post(operator, f"{following}/entries", entry, 201)
    assert (saved["verdict"], saved["exceptions"]) == ("within", [])
    again = post(operator, f"{following}/entries", entry, 201)
    assert again["id"] == saved["id"]
    assert Entry.objects.count() == 1


@pytest.fixture
def inspection(batch: Batch) -> Step:
    return given.started(batch, "S020")


def test_the_run_screen_tells_what_is_missing_and_how_to_judge_it(inspection: Step, olga: User) -> None:
    screen = people.client_of(olga).get(f"{API}/steps/{inspection.id}").json()
    assert [reason["subject"] for reason in screen["missing"]] == [
        "bag_intact",
        "appearance",
        "volume",
        "concentration",
        "viability",
    ]
    volume = next(each for each in screen["entries"] if each["name"] == "volume")
    assert (volume["low"], volume["high"], volume["unit"], volume["precision"]) == ("50", "400", "mL", 1)
    assert (screen["previous"]["key"], screen["next"]["key"], screen["of"]) == ("S010", "S030", 18)
    assert screen["batch"]["coi_id"] == inspection.batch.coi_id


@pytest.mark.req("R-002")
def test_a_correction_without_a_reason_is_400(inspection: Step, olga: User) -> None:
    client = people.client_of(olga)
    entry = {"name": "volume", "value": "12", "unit": "mL"}
    saved = post(client, f"/steps/{inspection.id}/entries", entry, 201)
    url = f"/steps/{inspection.id}/entries/{saved['id']}/correct"
    for reason in ("", " "):
        refusal = post(client, url, {"value": "120", "unit": "mL", "reason": reason}, 400)
        assert refusal["code"] == "invalid_input"
    assert Entry.objects.count() == 1


@pytest.mark.req("R-051")
def test_a_signature_on_what_has_changed_since_is_409(inspection: Step, olga: User) -> None:
    client = people.client_of(olga)
    seen = client.get(f"{API}/steps/{inspection.id}").json()["digest"]
    given.prepared(inspection)
    body = {"signature": people.signature(olga) | {"seen": seen}}
    assert post(client, f"/steps/{inspection.id}/complete", body, 409)["code"] == "stale_version"


@pytest.mark.req("R-057")
def test_a_closed_gate_is_409_with_every_reason(batch: Batch, olga: User) -> None:
    refusal = post(people.client_of(olga), f"/steps/{given.step(batch, 'S030').id}/start", status=409)
    assert refusal["code"] == "step_blocked"
    assert [each["code"] for each in refusal["details"]["reasons"]] == ["earlier_step_open"]  # type: ignore[index]


@pytest.mark.req("R-126")
def test_a_wrong_bag_is_409_and_the_batch_is_held(batch: Batch, olga: User, site: Site) -> None:
    step = given.started(batch, "S010")
    foreign = identity_given.bag_of(identity_given.received_order(site))
    client = people.client_of(olga)
    refusal = post(client, f"/steps/{step.id}/scans", {"code": foreign.label}, 409)
    assert refusal["code"] == "wrong_bag"
    assert refusal["details"]["scanned"] == foreign.label  # type: ignore[index]
    assert client.get(f"{API}/batches/{batch.id}").json()["status"] == "HELD"
    [deviation] = client.get(f"{API}/batches/{batch.id}/deviations").json()
    assert deviation["severity"] == "critical"


def test_a_deviation_goes_its_way_by_api(inspection: Step, olga: User, quinn: User) -> None:
    operator, quality = people.client_of(olga), people.client_of(quinn)
    entry = {"name": "viability", "value": "65", "unit": "%"}
    saved = post(operator, f"/steps/{inspection.id}/entries", entry, 201)
    body = {
        "title": "Low viability",
        "description": "65 %",
        "severity": "high",
        "exceptions": saved["exceptions"],
    }
    opened = post(operator, f"/batches/{inspection.batch_id}/deviations", body, 201)
    url = f"/deviations/{opened['id']}"
    words = {"investigation": "Late.", "impact": "None.", "other_batches": "None.", "conclusion": "Fine."}
    assert post(operator, f"{url}/investigate", words)["status"] == "investigated"
    approved = post(quality, f"{url}/approve", {"signature": people.signature(quinn)})
    assert approved["status"] == "approved"
    assert post(quality, f"{url}/close", {"follow_up": "Done."})["status"] == "closed"


@pytest.mark.req("R-035")
def test_another_sites_batch_is_not_there(batch: Batch, foreign_site: Site) -> None:
    client = people.client_of(people.a_person(foreign_site, "louis", Role.OPERATOR))
    assert client.get(f"{API}/batches").json()["results"] == []
    for url in (f"/batches/{batch.id}", f"/batches/{batch.id}/record", f"/steps/{given.step(batch, 'S010').id}"):
        assert client.get(f"{API}{url}").status_code == 404


def test_the_list_is_one_query_for_any_number_of_batches(
    site: Site, olga: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        given.planned_batch(site)
    client = people.client_of(olga)
    client.get(f"{API}/batches")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(client.get(f"{API}/batches").json()["results"]) == Batch.objects.count()


@pytest.mark.req("R-051")
def test_a_decision_is_signed_on_what_was_shown_before_it(inspection: Step, olga: User, quinn: User) -> None:
    operator, quality = people.client_of(olga), people.client_of(quinn)
    for name, value in (("viability", "65"), ("volume", "12")):
        unit = "%" if name == "viability" else "mL"
        post(operator, f"/steps/{inspection.id}/entries", {"name": name, "value": value, "unit": unit}, 201)
    first, second = quality.get(f"{API}/batches/{inspection.batch_id}/exceptions").json()

    body = {"decision": "No effect.", "signature": people.signature(quinn) | {"seen": first["digest"]}}
    decided = post(quality, f"/exceptions/{first['id']}/decide", body)
    assert (decided["status"], decided["decision"]) == ("decided", "No effect.")
    signed = Signature.objects.get(subject_id=first["id"])
    assert signed.manifest["decision"] == "No effect."
    assert signed.manifest_digest == decided["digest"] != first["digest"]
    assert post(quality, f"/exceptions/{second['id']}/decide", body, 409)["code"] == "stale_version"

    deviation = {"title": "Low volume", "description": "12 mL", "severity": "high", "exceptions": [second["id"]]}
    opened = post(operator, f"/batches/{inspection.batch_id}/deviations", deviation, 201)
    words = {"investigation": "Late.", "impact": "None.", "other_batches": "None.", "conclusion": "Fine."}
    shown = post(operator, f"/deviations/{opened['id']}/investigate", words)
    stale = {"signature": people.signature(quinn) | {"seen": opened["digest"]}}
    assert post(quality, f"/deviations/{opened['id']}/approve", stale, 409)["code"] == "stale_version"
    fresh = {"signature": people.signature(quinn) | {"seen": shown["digest"]}}
    assert post(quality, f"/deviations/{opened['id']}/approve", fresh)["status"] == "approved"
    record = quality.get(f"{API}/batches/{inspection.batch_id}/record").json()
    [approval] = record["deviations"][0]["signatures"]
    assert (approval["meaning"], approval["standing"]) == ("approved", "valid")
    assert [each["signatures"][0]["standing"] for each in record["exceptions"] if each["signatures"]] == ["valid"]


def test_whoever_does_not_read_the_answer_gets_the_id_alone(batch: Batch, olga: User) -> None:
    step = given.step(batch, "S010")
    answer = people.client_of(olga).post(f"{API}/steps/{step.id}/start", headers={"Prefer": "return=minimal"})
    assert answer.json() == {"id": str(step.id)}
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert given.step(batch, "S010").status == "RUNNING"
