"""What HTTP adds to lots: signatures, versions, sites, exact numbers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from tests.given import materials as given
from tests.given import people
from tests.given.people import client_of, signature

pytestmark = pytest.mark.django_db


def delivery(site: Site, **changes: Any) -> Any:
    facts = {
        "site": site.code,
        "material": "VEC-CD20",
        "number": "V-1",
        "quantity": {"value": "12.50", "unit": "mL"},
        "expires_at": (clock.now(site) + timedelta(days=90)).isoformat(),
        "attributes": {"titre_tu_per_ml": {"value": "1E8", "unit": "TU/mL"}},
    }
    return facts | changes


def test_a_delivery_is_received_read_back_and_found_by_its_label(site: Site, logan: User, olga: User) -> None:
    given.material(site, "VEC-CD20")

    answer = client_of(logan).post("/api/v1/lots", delivery(site))

    assert answer.status_code == 201
    found = client_of(olga).get("/api/v1/lots/lookup?code=VEC-CD20-V-1").json()
    assert found == answer.json()
    assert (found["remaining"], found["status"]) == ("12.5", "quarantined")
    assert found["attributes"]["titre_tu_per_ml"] == {"value": "100000000", "unit": "TU/mL"}


def test_a_lot_is_released_by_password_or_pin_and_the_version_counts_up(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    answer = client_of(quinn).post(
        f"/api/v1/lots/{lot.id}/release", {"signature": signature(quinn)}, headers={"If-Match": '"1"'}
    )

    assert (answer.status_code, answer.json()["status"], answer["ETag"]) == (200, "released", '"2"')


def test_refuses_to_release_what_somebody_else_changed_meanwhile(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    answer = client_of(quinn).post(
        f"/api/v1/lots/{lot.id}/release", {"signature": signature(quinn)}, headers={"If-Match": '"9"'}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


def test_refuses_a_wrong_password(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    answer = client_of(quinn).post(
        f"/api/v1/lots/{lot.id}/release", {"signature": {"username": "quinn", "password": "wrong"}}
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    lot.refresh_from_db()
    assert lot.status == "quarantined"


def test_a_lot_is_rejected_and_a_released_one_recalled(site: Site, quinn: User) -> None:
    waiting, used = given.quarantined_lot(site, "TEXMACS"), given.released_lot(site, "HS-AB")
    quality = client_of(quinn)

    rejected = quality.post(f"/api/v1/lots/{waiting.id}/reject", {"reason": "Torn"})
    recalled = quality.post(f"/api/v1/lots/{used.id}/recall", {"reason": "Notice 44"})

    assert [each.json()["status"] for each in (rejected, recalled)] == ["rejected", "rejected"]


def test_the_list_is_narrowed_by_status_material_and_text(site: Site, olga: User) -> Any:
    given.released_lot(site, "TEXMACS", number="AAA")
    given.quarantined_lot(site, "TEXMACS", number="BBB")
    given.released_lot(site, "HS-AB", number="CCC")
    operator = client_of(olga)

    def numbers(query: Any) -> Any:
        return {lot["number"] for lot in operator.get(f"/api/v1/lots?{query}").json()["results"]}

    assert numbers("") == {"AAA", "BBB", "CCC"}
    assert numbers("status=released&material=TEXMACS") == {"AAA"}
    assert numbers("q=bbb") == {"BBB"}


def test_the_list_costs_the_same_whatever_its_length(site: Site, olga: User) -> Any:
    operator = client_of(olga)
    operator.get("/api/v1/lots")  # the first call of a session also looks for its person

    def queries_for_one_more_lot(number: Any) -> Any:
        given.quarantined_lot(site, "TEXMACS", number=number)
        with CaptureQueriesContext(connection) as queries:
            operator.get("/api/v1/lots")
        return len(queries)

    assert len({queries_for_one_more_lot(number) for number in "ABCD"}) == 1


@pytest.mark.req("R-146")
def test_a_lot_tells_its_batches_and_a_batch_its_lots(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS")
    use = given.used(lot, by=olga, quantity="2")
    operator = client_of(olga)

    batches = operator.get(f"/api/v1/lots/{lot.id}/batches").json()
    lots = operator.get(f"/api/v1/lot-uses?batch_id={use.batch_id}").json()

    assert batches[0]["batch_id"] == str(use.batch_id)
    assert [(each["lot"], each["quantity"], each["by"]) for each in lots] == [(lot.number, "2", olga.printed_name)]


@pytest.mark.req("R-035")
def test_a_lot_of_another_site_is_not_there(site: Site, foreign_site: Site) -> None:
    lot = given.released_lot(site, "TEXMACS")
    stranger = client_of(people.a_person(foreign_site, "lyon", Role.QA_REVIEWER))

    assert stranger.get(f"/api/v1/lots/{lot.id}").status_code == 404
    assert stranger.get("/api/v1/lots").json()["results"] == []
    assert stranger.post(f"/api/v1/lots/{lot.id}/recall", {"reason": "x"}).status_code == 404


def test_a_material_is_added_once(site: Site, quinn: User) -> None:
    body = {"site": site.code, "code": "TEXMACS", "name": "Medium", "kind": "medium", "unit": "mL"}
    quality = client_of(quinn)

    assert quality.post("/api/v1/materials", body).status_code == 201
    again = quality.post("/api/v1/materials", body)
    assert (again.status_code, again.json()["code"]) == (409, "material_exists")
    assert [each["code"] for each in quality.get("/api/v1/materials").json()] == ["TEXMACS"]


def test_refuses_a_unit_nobody_knows(site: Site, quinn: User) -> None:
    body = {"site": site.code, "code": "X", "name": "X", "kind": "medium", "unit": "bottles"}

    assert client_of(quinn).post("/api/v1/materials", body).json()["code"] == "invalid_input"
