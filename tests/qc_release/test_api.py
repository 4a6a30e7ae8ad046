"""From the tube to the certificate over the API."""

from typing import Any

import pytest

from mes.accounts.models import Site
from mes.accounts.rights import Role
from tests.given import people
from tests.given import qc_release as given

pytestmark = pytest.mark.django_db
API = "/api/v1"


def call(name: str, site: Site, path: str, body: dict[str, Any] | None = None, *, method: str = "post") -> Any:
    client = people.client_of(people.persona(site, name))
    return (
        getattr(client, method)(f"{API}{path}", body, format="json") if body is not None else client.get(f"{API}{path}")
    )


def signed(name: str, site: Site, **body: Any) -> dict[str, Any]:
    return {**body, "signature": people.signature(people.persona(site, name))}


def enter(site: Site, sample_id: str, test_id: str, value: Any) -> Any:
    body = signed("carl", site, test_id=test_id, value=value, amount="0.1", amount_unit="mL", raw_data=f"ELN-{test_id}")
    return call("carl", site, f"/samples/{sample_id}/results", body)


@pytest.mark.req("R-159", "R-162")
@pytest.mark.usefixtures("sealed")
def test_a_batch_goes_from_its_tube_to_its_certificate(site: Site) -> None:
    batch = given.made_batch(site)
    tube = given.sample_tube(batch)
    sample = call("carl", site, "/samples", {"batch_id": str(batch.id), "container": tube.label})
    assert sample.status_code == 201, sample.json()
    assert [test["id"] for test in sample.json()["waiting"]] == ["viability", "endotoxin", "appearance", "sterility"]
    sample_id = sample.json()["id"]
    for test_id, value in given.PASSING.items():
        result = enter(site, sample_id, test_id, value)
        assert (result.status_code, result.json()["verdict"]) == (201, "pass"), result.json()
        refused = call("carl", site, f"/results/{result.json()['id']}/check", signed("carl", site))
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        checked = call("cora", site, f"/results/{result.json()['id']}/check", signed("cora", site))
        assert (checked.status_code, checked.json()["status"]) == (200, "checked")

    release = signed("petra", site, decision="released")
    early = call("petra", site, f"/batches/{batch.id}/release", release)
    assert (early.status_code, early.json()["code"]) == (409, "release_blocked")
    assert {reason["code"] for reason in early.json()["details"]["reasons"]} == {
        "record_not_reviewed",
        "audit_trail_not_reviewed",
        "environment_not_reviewed",
    }
    shown = call("quinn", site, f"/batches/{batch.id}/review").json()
    assert not shown["ready"]
    for path, review in zip(("review", "audit-review", "environment-review"), shown["reviews"], strict=True):
        body = {"signature": people.signature(people.persona(site, "quinn")) | {"seen": review["digest"]}}
        answer = call("quinn", site, f"/batches/{batch.id}/{path}/sign", body)
        assert answer.status_code == 201, answer.json()
    shown = call("quinn", site, f"/batches/{batch.id}/review").json()
    assert (shown["ready"], shown["blocks"]) == (True, [])
    release["signature"]["seen"] = shown["digest"]
    done = call("petra", site, f"/batches/{batch.id}/release", release)
    assert (done.status_code, done.json()["decision"]) == (201, "released"), done.json()
    [certificate] = call("quinn", site, f"/certificates?batch={batch.number}").json()["results"]
    assert (certificate["number"], certificate["status"]) == (1, "requested")


@pytest.mark.req("R-163")
@pytest.mark.parametrize("name", ["olga", "sven", "carl", "anna", "ines", "sam"])
def test_nobody_else_reaches_the_decision(site: Site, name: str) -> None:
    batch = given.made_batch(site)
    answer = call(name, site, f"/batches/{batch.id}/release", signed(name, site, decision="released"))
    assert answer.status_code == 403


@pytest.mark.req("R-163")
def test_a_pin_does_not_release(site: Site) -> None:
    batch = given.made_batch(site)
    given.sample(batch)
    petra = people.persona(site, "petra")
    body = {"decision": "quarantined", "comment": "Wait.", "signature": people.signature(petra, pin=True)}
    answer = call("petra", site, f"/batches/{batch.id}/release", body)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"raw_data": ""}, "raw_data"), ({"amount": None}, "amount"), ({"value": "many"}, ""), ({"value": [1]}, "value")],
)
@pytest.mark.req("R-149")
def test_a_result_that_is_not_whole_is_400(site: Site, body: dict[str, Any], field: str) -> None:
    sample = given.sample(given.made_batch(site))
    whole = signed("carl", site, test_id="viability", value="90", amount="1", amount_unit="mL", raw_data="ELN")
    answer = call("carl", site, f"/samples/{sample.id}/results", whole | body)
    assert answer.status_code == 400
    assert field in str(answer.json())


def test_what_belongs_to_another_site_is_not_there(site: Site, foreign_site: Site) -> None:
    batch = given.made_batch(site)
    result = given.result(batch, "viability")
    stranger = people.a_person(foreign_site, "lou", Role.QA_REVIEWER)
    client = people.client_of(stranger)
    for path in (f"/batches/{batch.id}/review", f"/samples/{given.sample(batch).id}", f"/results/{result.id}"):
        assert client.get(f"{API}{path}").status_code == 404
    assert client.get(f"{API}/samples").json()["results"] == []


def test_a_specification_is_drafted_and_approved_by_two_people(site: Site) -> None:
    draft = call("ravi", site, "/specifications", {"site": "GRAZ", "source": given.SHORT_SPECIFICATION})
    assert (draft.status_code, draft.json()["status"]) == (201, "draft")
    path = f"/specifications/{draft.json()['id']}/approve"
    assert call("ravi", site, path, signed("ravi", site)).status_code == 403
    body = {"signature": people.signature(people.persona(site, "quinn")) | {"seen": draft.json()["manifest_digest"]}}
    approved = call("quinn", site, path, body)
    assert (approved.status_code, approved.json()["status"]) == (200, "effective")
