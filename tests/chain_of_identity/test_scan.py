"""Scans: right goes on; wrong is recorded, and then everything stops."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chain_of_identity import services
from chain_of_identity.errors import NotReleased, UnknownCode, WrongBag
from chain_of_identity.models import Scan
from chain_of_identity.models.scans import Scan as ScanModel
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import Conflict, InvalidInput, NotPermitted, SignatureRefused
from mes.records.models import Event, SecurityEvent
from mes.records.queries import signatures_of
from tests.given import chain_of_identity as given
from tests.given import people
from tests.given.people import signer

pytestmark = pytest.mark.django_db

Purpose, Verdict = ScanModel.Purpose, ScanModel.Verdict


def test_the_right_bag_is_recorded_and_goes_on(site: Site, olga: User) -> None:
    order = given.received_order(site)
    bag = given.bag_of(order)
    scan = services.scan(actor=olga, code=f" {bag.label.lower()} ", order=order, purpose=Purpose.STEP)
    assert (scan.verdict, scan.container, scan.by) == (Verdict.RIGHT, bag, olga)
    assert scan.passes


def test_a_label_that_begins_like_a_chain_identifier_is_a_label(
    site: Site, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chain_of_identity.services.orders.draw_chain_identifier", lambda **_: "CHA999926CHX4K7")
    order = given.received_order(site)
    bag = given.bag_of(order)
    assert bag.label == "CHX-4K7-A"
    assert given.scan(olga, bag, order, Purpose.STEP).container == bag
    assert given.scan(olga, order.coi_id, order, Purpose.STEP).container is None


@pytest.mark.req("R-126")
def test_the_bag_of_another_patient_stops_and_stays_recorded(site: Site, olga: User) -> None:
    mine, other = given.received_order(site), given.received_order(site)
    wrong = given.bag_of(other)
    with pytest.raises(WrongBag) as refusal:
        services.scan(actor=olga, code=wrong.label, order=mine, purpose=Purpose.STEP)
    scan = Scan.objects.get(verdict=Verdict.WRONG)
    assert refusal.value.status == 409
    assert refusal.value.details == {"expected": mine.short, "scanned": wrong.label, "scan": str(scan.id)}
    assert (scan.order, scan.container, scan.by) == (mine, wrong, olga)
    assert Event.objects.get(id=str(scan.event_id)).data["verdict"] == "wrong"


@pytest.mark.req("R-126")
def test_a_wrong_bag_is_a_security_event(site: Site, olga: User) -> None:
    mine, other = given.received_order(site), given.received_order(site)
    with pytest.raises(WrongBag):
        services.scan(actor=olga, code=given.bag_of(other).label, order=mine, purpose=Purpose.STEP)
    alert = SecurityEvent.objects.get(kind="wrong_bag")
    assert (alert.user_id, alert.detail) == (olga.id, mine.short)


@pytest.mark.req("R-126")
def test_a_bag_of_another_site_is_wrong_and_not_unknown(site: Site, foreign_site: Site, olga: User) -> None:
    clara_there = people.a_person(foreign_site, "claire", Role.CLINIC)
    foreign = services.open_therapy(
        actor=clara_there,
        site=foreign_site,
        name="Bea Autre",
        birth_date=date(1970, 1, 1),
        hospital_number="F-1",
        product_code="CART-A",
        weight_kg=Decimal(60),
        physician="Dr. L.",
        clinic="Lyon",
    )
    bag = services.prepare_container(actor=clara_there, order=foreign)
    with pytest.raises(WrongBag):
        services.scan(actor=olga, code=bag.label, order=given.received_order(site), purpose=Purpose.STEP)


def test_another_bag_of_the_same_patient_is_wrong_where_that_very_bag_is_needed(site: Site, olga: User) -> None:
    order = given.released_order(site, bags=2)
    first, second = given.product_of(order)
    with pytest.raises(WrongBag, match="same patient"):
        services.scan(actor=olga, code=second.label, order=order, purpose=Purpose.STEP, container=first)


@pytest.mark.parametrize("code", ["nothing", "ZZZ-ZZZ-A", "&/CHA999926ZZZZZZ", "=A99992612345600", "=broken", "CHAOS"])
def test_an_unknown_code_is_recorded_and_refused(site: Site, olga: User, code: str) -> None:
    order = given.order(site)
    with pytest.raises(UnknownCode):
        services.scan(actor=olga, code=code, order=order, purpose=Purpose.STEP)
    assert Scan.objects.get(order=order).verdict == Verdict.UNKNOWN


def test_a_donation_number_stands_for_its_bag(site: Site, logan: User) -> None:
    order = given.delivered_order(site)
    donation = order.collections.get().donation
    scan = given.scan(logan, f"={donation.number}{donation.flags}", order, Purpose.RECEIPT)
    assert scan.container == given.bag_of(order)


@pytest.mark.req("R-126")
def test_bag_and_wristband_are_two_identifiers(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    with pytest.raises(UnknownCode, match="bag"):
        services.scan(actor=clara, code=f"&/{order.coi_id}", order=order, purpose=Purpose.BEDSIDE)
    with pytest.raises(UnknownCode, match="wristband"):
        services.scan(actor=clara, code=bag.label, order=order, purpose=Purpose.WRISTBAND)


@pytest.mark.req("R-126")
def test_the_wristband_of_another_patient_stops(site: Site, clara: User) -> None:
    order, other = given.at_the_clinic(site), given.order(site)
    with pytest.raises(WrongBag):
        services.scan(actor=clara, code=f"&/{other.coi_id}", order=order, purpose=Purpose.WRISTBAND)


@pytest.mark.req("R-165")
@pytest.mark.parametrize("purpose", [Purpose.SHIPPING, Purpose.THAW, Purpose.BEDSIDE])
@pytest.mark.parametrize("status", ["quarantined", "rejected"])
def test_product_that_is_not_released_is_refused_and_recorded(
    site: Site, clara: User, purpose: str, status: str
) -> None:
    order = given.received_order(site)
    [bag] = given.released(order, status=status)
    with pytest.raises(NotReleased) as refusal:
        services.scan(actor=clara, code=bag.label, order=order, purpose=purpose)
    assert [reason["code"] for reason in refusal.value.details["reasons"]] == [f"product_{status}"]
    assert Scan.objects.filter(verdict=Verdict.NOT_RELEASED, container=bag, purpose=purpose).exists()


def test_refuses_people_without_the_right_and_unknown_purposes(site: Site, ines: User, olga: User) -> None:
    order = given.order(site)
    with pytest.raises(NotPermitted):
        services.scan(actor=ines, code="x", order=order, purpose=Purpose.STEP)
    with pytest.raises(InvalidInput):
        services.scan(actor=olga, code="x", order=order, purpose="fun")


def unreadable(site: Site, actor: User, second: User, **changes: Any) -> Scan:
    bag = given.bag_of(given.received_order(site))
    facts: dict[str, Any] = {
        "container": bag,
        "purpose": Purpose.STEP,
        "reason": "Frost on the label, cannot be wiped.",
        "verifier": signer(second, "verified", site=site),
    }
    return services.cannot_scan(actor=actor, **(facts | changes))


def test_a_label_nobody_can_scan_is_read_by_two_people(site: Site, olga: User, vera: User) -> None:
    scan = unreadable(site, olga, vera)
    assert scan.passes
    assert (scan.verdict, scan.verifier, scan.code) == (Verdict.CANNOT_SCAN, vera, "")
    assert scan.container is not None
    assert [each.signer_id for each in signatures_of(scan.container)] == [vera.id]


def test_nobody_passes_an_unreadable_label_alone(site: Site, olga: User) -> None:
    with pytest.raises(NotPermitted, match="second person"):
        unreadable(site, olga, olga)


def test_an_unreadable_label_needs_a_reason(site: Site, olga: User, vera: User) -> None:
    with pytest.raises(InvalidInput):
        unreadable(site, olga, vera, reason="dirty")


def test_the_second_person_signs_as_verifier(site: Site, olga: User, vera: User) -> None:
    with pytest.raises(SignatureRefused):
        unreadable(site, olga, vera, verifier=signer(vera, "performed", site=site))


@pytest.mark.req("R-165")
def test_an_unreadable_label_does_not_get_rejected_product_to_the_bed(site: Site, clara: User, carlos: User) -> None:
    order = given.received_order(site)
    [bag] = given.released(order, status="rejected")
    verifier = signer(carlos, "verified", site=site)
    with pytest.raises(NotReleased):
        services.cannot_scan(
            actor=clara, verifier=verifier, container=bag, purpose=Purpose.BEDSIDE, reason="Frost on the label."
        )


def test_a_scan_serves_one_act(site: Site, clara: User) -> None:
    order = given.collected(site)
    scan = given.scan(clara, given.bag_of(order), order, Purpose.HANDOVER)
    facts: dict[str, Any] = {"actor": clara, "order": order, "scans": [scan], "to": "courier", "place": "Ward 4"}
    handover = services.give(**facts)
    services.withdraw(actor=clara, handover=handover, reason="The courier is late.")
    with pytest.raises(Conflict, match="used already"):
        services.give(**facts)
