"""The pages: what people see and do without a line of JavaScript."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from chain_of_identity import services
from chain_of_identity.models import Order, Party, Scan
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.records.models import Event
from tests.given import chain_of_identity as given
from tests.given import people

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"chain_of_identity:{name}", args=args)


def test_the_clinic_places_an_order(site: Site, clara: User) -> None:
    page = browser(clara)
    assert page.get(at("order_new")).status_code == 200
    facts = {
        "name": "Ana Muster",
        "birth_date": "1961-03-07",
        "hospital_number": "H-743967",
        "site": "GRAZ",
        "product_code": "CART-A",
        "weight_kg": "71.5",
        "physician": "Dr. R. Moser",
        "clinic": "St. Anna",
        "consented": "on",
    }
    response = page.post(at("order_new"), facts)
    order = Order.objects.get()
    assert response["Location"] == at("labels", order.id)
    assert order.consent_at is not None
    assert page.post(at("order_new"), facts | {"birth_date": "7.3.1961"}).status_code == 400


@pytest.mark.req("R-043")
def test_no_page_but_the_vault_shows_the_person(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    page = browser(clara)
    names = ("journey", "labels", "collection", "handover", "thaw", "bedside", "reveal")
    for url in (at("orders"), at("handovers"), *(at(name, order.id) for name in names)):
        response = page.get(url)
        assert response.status_code == 200, url
        assert "Muster" not in response.content.decode(), url
    shown = page.post(at("reveal", order.id), {"reason": "Call the ward."})
    assert "Ana Muster" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert Event.objects.filter(action="chain_of_identity.reveal_identity").count() == 1


def test_the_journey_shows_identity_and_custody_apart(site: Site, logan: User) -> None:
    order = given.received_order(site)
    text = browser(logan).get(at("journey", order.id)).content.decode()
    assert order.short in text
    assert "Custody: Clara Clinic → Kurt Courier" in text
    assert "Identity: 2 scans" in text


def test_any_identifier_leads_to_the_journey(site: Site, clara: User) -> None:
    order = given.collected(site)
    for code in (f"&/{order.coi_id}", given.bag_of(order).label):
        response = browser(clara).get(at("orders"), {"q": code})
        assert response["Location"] == at("journey", order.id)
    assert order.short in browser(clara).get(at("orders"), {"q": order.short}).content.decode()


def test_the_courier_takes_over_by_scanning(site: Site, clara: User, kurt: User) -> None:
    order = given.collected(site)
    bag = given.bag_of(order)
    give = {"codes": f"{bag.label}\n", "to": "courier", "place": "Ward 4", "seal": "77821", "condition": "No damage"}
    assert browser(clara).post(at("handover", order.id), give)["Location"] == at("journey", order.id)
    page = browser(kurt)
    assert bag.label in page.get(at("handovers")).content.decode()
    handover = order.handovers.get()
    take = {"codes": f"~{bag.label}", "place": "Car 3", "seal": "1", "condition": "No damage"}
    assert "not the one put on" in page.post(at("take", handover.id), take).content.decode()
    assert page.post(at("take", handover.id), take | {"seal": "77821"}).status_code == 302
    assert given.bag_of(order).custody == Party.COURIER


def test_a_label_no_scanner_reads_is_read_by_two_people(site: Site, clara: User, carlos: User) -> None:
    order = given.collected(site)
    bag, page = given.bag_of(order), browser(clara)
    assert "Two people read it" in page.get(at("handover", order.id)).content.decode()
    words = {"container": bag.label, "purpose": "handover", "cause": "damaged", "reason": "Ice tore the label"}
    second = {"second_username": "carlos", "second_password": people.PASSWORD}
    alone = {"second_username": "clara", "second_password": people.PASSWORD}
    assert page.post(at("cannot_scan", order.id), words | alone).status_code == 403
    assert page.post(at("cannot_scan", order.id), words | second).status_code == 302
    give = {"codes": bag.label, "to": "courier", "place": "Ward 4", "condition": "No damage"}
    assert page.post(at("handover", order.id), give).status_code == 302
    [item] = order.handovers.get().items.all()
    assert (item.scan.verdict, item.scan.verifier) == ("cannot_scan", carlos)


def test_a_hand_over_is_refused_or_taken_back_on_a_page(site: Site, clara: User, kurt: User) -> None:
    order = given.collected(site)
    for person, button, outcome in ((kurt, "Refuse", "refused"), (clara, "Take back", "withdrawn")):
        given.given(clara, order, [given.bag_of(order)], Party.COURIER)
        handover, page = order.handovers.get(answer=None), browser(person)
        assert button in page.get(at("handovers")).content.decode()
        assert page.post(at("decline", handover.id), {"reason": " "}).status_code == 400
        assert page.post(at("decline", handover.id), {"reason": "The seal is torn."}).status_code == 302
        handover.refresh_from_db()
        assert (handover.answer.outcome, handover.answer.reason) == (outcome, "The seal is torn.")
        assert given.bag_of(order).custody == Party.CLINIC
        again = page.post(at("decline", handover.id), {"reason": "Again"})
        assert "This hand-over is closed" in again.content.decode()


@pytest.mark.req("R-126")
def test_a_wrong_bag_stops_the_page(site: Site, clara: User) -> None:
    order, other = given.collected(site), given.collected(site)
    wrong = given.bag_of(other).label
    give = {"codes": wrong, "to": "courier", "place": "Ward 4", "condition": "No damage"}
    response = browser(clara).post(at("handover", order.id), give)
    text = response.content.decode()
    assert response.status_code == 409
    assert 'role="alertdialog"' in text
    assert wrong in text
    assert Scan.objects.filter(order=order, verdict="wrong").exists()
    assert not order.handovers.exists()


def test_logistics_inspects_and_ships(site: Site, logan: User) -> None:
    order = given.delivered_order(site)
    page = browser(logan)
    receipt = {"codes": given.bag_of(order).label, "decision": "accept", "place": "Refrigerator 2"}
    receipt |= dict.fromkeys(("identity_ok", "shipper_ok", "logger_ok", "bag_ok"), "on")
    assert page.get(at("receipt", order.id)).status_code == 200
    assert page.post(at("receipt", order.id), receipt | {"pin": "000000"}).status_code == 401
    signed = receipt | {"username": "logan", "password": people.PASSWORD}
    assert page.post(at("receipt", order.id), signed).status_code == 302
    [bag] = given.released(order)
    ship = {"codes": bag.label, "shipper": "LN2-14", "seal": "1", "destination": "St. Anna", "place": "Dispatch"}
    assert page.get(at("shipment", order.id)).status_code == 200
    assert page.post(at("shipment", order.id), ship).status_code == 302


@pytest.mark.req("R-165")
def test_quarantined_product_stops_the_shipment(site: Site, logan: User) -> None:
    order = given.received_order(site)
    [bag] = given.filled(order)
    ship = {"codes": bag.label, "shipper": "LN2-14", "seal": "1", "destination": "St. Anna", "place": "Dispatch"}
    response = browser(logan).post(at("shipment", order.id), ship)
    assert response.status_code == 409
    assert "quarantined" in response.content.decode()


def test_two_people_check_at_the_bed_and_infuse(site: Site, clara: User, carlos: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    page = browser(clara)
    page.post(at("thaw", order.id), {"code": bag.label, "use_within_minutes": "30"})
    check = {
        "bag": bag.label,
        "wristband": f"&/{order.coi_id}",
        "second_identifier": "1961",
        "username": "clara",
        "password": people.PASSWORD,
        "second_username": "carlos",
        "second_password": people.PASSWORD,
    }
    alone = page.post(at("bedside", order.id), check | {"second_username": "clara"})
    assert "two people" in alone.content.decode()
    assert page.post(at("bedside", order.id), check).status_code == 302
    done = order.bedside_checks.get()
    infusion = at("infusion", order.id, done.id)
    assert infusion in page.get(at("bedside", order.id)).content.decode()
    assert page.get(infusion).status_code == 200
    assert page.post(infusion, {"volume_ml": "50", "outcome": "complete"}).status_code == 302
    assert Order.objects.get(id=order.id).status == "completed"


def test_the_clinic_labels_and_collects(site: Site, clara: User) -> None:
    order = given.order(site)
    page = browser(clara)
    assert page.post(at("labels", order.id)).status_code == 302
    label = order.containers.get().label
    printed = page.post(at("label_print", order.id, label)).content.decode()
    assert "FOR AUTOLOGOUS USE ONLY" in printed
    assert len(re.findall("<svg", printed)) == 2
    assert page.post(at("label_print", order.id, label)).status_code == 400
    assert "Copy 2" in page.post(at("label_print", order.id, label), {"reason": "Torn."}).content.decode()
    assert "Wristband" in page.post(at("wristband", order.id)).content.decode()
    facts = {"coi_id": f"&/{order.coi_id}", "code": label, "din": "A9999 21 123456 3", "volume_ml": "200"}
    assert page.post(at("collection", order.id), facts).status_code == 302
    assert order.collections.get().din == "A999921123456"


def test_the_home_page_says_what_waits(site: Site, clara: User, kurt: User, logan: User) -> None:
    order = given.collected(site)
    given.given(clara, order, [given.bag_of(order)], Party.COURIER)
    assert f"Take over {order.short}-A" in browser(kurt).get("/").content.decode()
    assert "Take over" not in browser(clara).get("/").content.decode()
    other = given.delivered_order(site)
    assert f"{other.short}: inspect receipt" in browser(logan).get("/").content.decode()


def test_pages_of_a_foreign_site_are_not_there(site: Site, foreign_site: Site) -> None:
    order = given.order(site)
    page = browser(people.a_person(foreign_site, "lucie", Role.CLINIC))
    assert page.get(at("journey", order.id)).status_code == 404


def test_pages_are_for_those_with_the_right(site: Site, olga: User) -> None:
    order = given.order(site)
    page = browser(olga)
    for name in ("bedside", "receipt", "shipment", "collection", "reveal"):
        assert page.get(at(name, order.id)).status_code == 403, name


def test_a_cancelled_order_offers_nothing_more(site: Site, clara: User) -> None:
    order = given.order(site)
    services.cancel_order(actor=clara, order=order, reason="Consent withdrawn.")
    assert "Record collection" not in browser(clara).get(at("journey", order.id)).content.decode()
