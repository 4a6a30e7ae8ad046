"""What HTTP adds: the whole way by calls, codes of refusals, foreign sites."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from chain_of_identity.models import Order, Scan
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from tests.given import chain_of_identity as given
from tests.given import people
from tests.given.people import client_of, signature

pytestmark = pytest.mark.django_db

ORDER = {
    "site": "GRAZ",
    "patient": {"name": "Ana Muster", "birth_date": "1961-03-07", "hospital_number": "H-743967"},
    "product_code": "CART-A",
    "weight_kg": "71.5",
    "physician": "Dr. R. Moser",
    "clinic": "St. Anna",
}


def post(client: APIClient, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
    response = client.post(f"/api/v1/{path}", body, format="json")
    assert response.status_code == status, response.content
    answer: dict[str, Any] = response.json()
    return answer


def scanned(client: APIClient, order: str, code: str, purpose: str) -> str:
    scan: str = post(client, f"orders/{order}/scans", {"code": code, "purpose": purpose})["id"]
    return scan


@pytest.mark.req("R-119")
def test_the_clinic_orders_labels_collects_and_hands_over(site: Site, clara: User, kurt: User) -> None:
    clinic, courier = client_of(clara), client_of(kurt)
    order = post(clinic, "orders", ORDER)
    assert order["reasons_not_ready"][0]["code"] == "no_consent"
    number = order["id"]
    bag = post(clinic, f"orders/{number}/containers", {"description": "Apheresis"})
    assert post(clinic, f"orders/{number}/labels", {"container": bag["label"]})["copy"] == 1
    collection = {
        "coi_id": f"&/{order['coi_id']}",
        "scan": scanned(clinic, number, bag["label"], "collection"),
        "din": "=A99992112345601",
        "scanned": True,
        "volume_ml": "200",
    }
    assert post(clinic, f"orders/{number}/collections", collection)["printed_din"] == "A9999 21 123456 [3]"
    offer = {"scans": [scanned(clinic, number, bag["label"], "handover")], "to": "courier", "place": "Ward 4"}
    handover = post(clinic, f"orders/{number}/handovers", offer | {"seal": "77821", "logger_celsius": "4.1"})
    assert (handover["answer"], handover["containers"]) == (None, [bag["label"]])
    [waiting] = courier.get("/api/v1/handovers?open=true").json()["results"]
    take = {"scans": [scanned(courier, number, bag["label"], "handover")], "place": "Car 3", "seal": "77821"}
    assert post(courier, f"handovers/{waiting['id']}/receive", take)["outcome"] == "accepted"
    [listed] = clinic.get(f"/api/v1/orders/{number}/containers").json()
    assert (listed["custody"], listed["place"]) == ("courier", "Car 3")


@pytest.mark.req("R-119")
def test_a_collection_without_identifier_is_a_bad_request(site: Site, clara: User) -> None:
    order = given.order(site)
    client = client_of(clara)
    bag = given.labelled_bag(order)
    body = {
        "scan": scanned(client, str(order.id), bag.label, "collection"),
        "din": "=A99992112345601",
        "scanned": True,
        "volume_ml": "200",
    }
    assert post(client, f"orders/{order.id}/collections", body, status=400)["code"] == "invalid_input"


@pytest.mark.req("R-122", "R-123")
def test_refusals_of_donation_numbers_have_their_status(site: Site, clara: User) -> None:
    client = client_of(clara)

    def collect(din: str, *, by_scanner: bool, status: int) -> dict[str, Any]:
        order = given.order(site)
        scan = scanned(client, str(order.id), given.labelled_bag(order).label, "collection")
        body = {"coi_id": order.coi_id, "scan": scan, "din": din, "scanned": by_scanner, "volume_ml": "200"}
        return post(client, f"orders/{order.id}/collections", body, status=status)

    assert collect("=A999921123456", by_scanner=False, status=400)["code"] == "invalid_input"
    stored = collect("=A99992112345601", by_scanner=True, status=201)
    assert (stored["din"], stored["flags"]) == ("A999921123456", "01")
    assert collect("=A99992112345600", by_scanner=True, status=409)["code"] == "donation_number_taken"


@pytest.mark.req("R-126")
def test_a_wrong_bag_answers_409_and_is_recorded(site: Site, olga: User) -> None:
    mine, other = given.received_order(site), given.received_order(site)
    body = {"code": given.bag_of(other).label, "purpose": "step"}
    refusal = post(client_of(olga), f"orders/{mine.id}/scans", body, status=409)
    assert refusal["code"] == "wrong_bag"
    assert Scan.objects.get(id=UUID(refusal["details"]["scan"])).verdict == "wrong"


def test_the_same_wrong_scan_sent_twice_is_recorded_once(site: Site, olga: User) -> None:
    mine, other = given.received_order(site), given.received_order(site)
    client = client_of(olga)
    body = {"code": given.bag_of(other).label, "purpose": "step"}
    answers = [
        client.post(f"/api/v1/orders/{mine.id}/scans", body, format="json", headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json() == answers[1].json()
    assert Scan.objects.filter(verdict="wrong").count() == 1


def test_an_order_sent_twice_is_placed_once(site: Site, clara: User) -> None:
    client = client_of(clara)
    answers = [
        client.post("/api/v1/orders", ORDER, format="json", headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Order.objects.count() == 1


def test_the_site_receives_ships_and_the_clinic_infuses(
    site: Site, logan: User, kurt: User, clara: User, carlos: User
) -> None:
    order = given.delivered_order(site)
    number = str(order.id)
    goods, courier, clinic = client_of(logan), client_of(kurt), client_of(clara)
    checks = dict.fromkeys(("identity_ok", "shipper_ok", "logger_ok", "bag_ok", "accepted"), True)
    scans = [scanned(goods, number, given.bag_of(order).label, "receipt")]
    receipt = {"scans": scans, **checks, "place": "Refrigerator 2", "signature": signature(logan)}
    assert post(goods, f"orders/{number}/receipt", receipt)["accepted"] is True
    [bag] = given.released(order)
    scans = [scanned(goods, number, bag.label, "shipping")]
    packed = {"scans": scans, "shipper": "LN2-14", "seal": "1", "destination": "St. Anna", "place": "Dispatch"}
    shipment = post(goods, f"orders/{number}/shipments", packed)
    take = {"scans": [scanned(courier, number, bag.label, "handover")], "place": "Car 3", "seal": "1"}
    post(courier, f"handovers/{shipment['handover_id']}/receive", take)
    offer = {"scans": [scanned(courier, number, bag.label, "handover")], "to": "clinic", "place": "Ward 4"}
    handover = post(courier, f"orders/{number}/handovers", offer)
    take = {"scans": [scanned(clinic, number, bag.label, "handover")], "place": "Ward 4"}
    post(clinic, f"handovers/{handover['id']}/receive", take)
    thaw = {"scan": scanned(clinic, number, bag.label, "thaw"), "use_within_minutes": 30}
    assert post(clinic, f"orders/{number}/thaw", thaw, status=200)["use_by"] is not None
    check = {
        "bag": scanned(clinic, number, bag.label, "bedside"),
        "wristband": scanned(clinic, number, f"&/{order.coi_id}", "wristband"),
        "second_identifier": "1961",
        "signature": signature(clara),
        "verification": signature(carlos),
    }
    checked = post(clinic, f"orders/{number}/bedside-checks", check)
    infusion = {"bedside_check": checked["id"], "volume_ml": "50", "outcome": "complete"}
    assert post(clinic, f"orders/{number}/infusions", infusion)["order_status"] == "completed"
    report = clinic.get(f"/api/v1/orders/{number}/chain-report").json()
    assert (report["is_closed"], report["problems"]) == (True, [])
    pdf = clinic.get(f"/api/v1/orders/{number}/chain-report.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.req("R-043")
def test_revealing_is_a_call_of_its_own(site: Site, clara: User, olga: User) -> None:
    order = given.order(site)
    reason = {"reason": "Call the ward."}
    assert post(client_of(clara), f"orders/{order.id}/identity", reason, status=200)["name"] == "Ana Muster"
    assert post(client_of(olga), f"orders/{order.id}/identity", reason, status=403)["code"] == "not_permitted"


def test_an_unreadable_label_takes_a_second_person(site: Site, olga: User, vera: User) -> None:
    order = given.received_order(site)
    body = {"container": given.bag_of(order).label, "purpose": "step", "reason": "Frost on the label."}
    scan = post(client_of(olga), f"orders/{order.id}/cannot-scan", body | {"verification": signature(vera)})
    assert (scan["verdict"], scan["verifier"]) == ("cannot_scan", "Vera Verifier")


def test_orders_of_a_foreign_site_are_not_there(site: Site, foreign_site: Site) -> None:
    order = given.order(site)
    client = client_of(people.a_person(foreign_site, "lucie", Role.CLINIC))
    for path in ("", "/containers", "/journey", "/chain-report", "/chain-report.pdf", "/scans"):
        assert client.get(f"/api/v1/orders/{order.id}{path}").status_code == 404, path
    assert post(client, "orders", ORDER, status=404)["code"] == "not_found"


def test_a_scan_that_is_not_there_is_not_found(site: Site, clara: User) -> None:
    order = given.collected(site)
    body = {"scans": [str(order.id)], "to": "courier", "place": "Ward 4"}
    assert post(client_of(clara), f"orders/{order.id}/handovers", body, status=404)["code"] == "not_found"


def test_a_cancelled_order_is_listed_as_such(site: Site, clara: User) -> None:
    order = given.order(site)
    client = client_of(clara)
    post(client, f"orders/{order.id}/cancel", {"reason": "Consent withdrawn."}, status=200)
    assert client.get("/api/v1/orders?status=active").json()["results"] == []
    [listed] = client.get("/api/v1/orders?status=cancelled").json()["results"]
    assert listed["id"] == str(order.id)
