"""Shipping: only released product is packed, and the courier confirms it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from chain_of_identity import services
from chain_of_identity.errors import NotReleased
from chain_of_identity.models import Order, Party, Scan, Shipment
from chain_of_identity.states import ShipmentStatus
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db


def test_a_shipment_travels_with_its_hand_overs(site: Site, kurt: User, clara: User) -> None:
    order = given.released_order(site)
    shipment = given.packed(order)
    assert shipment.status == ShipmentStatus.PACKED
    given.taken(kurt, shipment.handovers.get())
    assert Shipment.objects.get(id=shipment.id).status == ShipmentStatus.IN_TRANSIT
    given.taken(clara, given.given(kurt, order, given.product_of(order), Party.CLINIC), place="Ward 4")
    assert Shipment.objects.get(id=shipment.id).status == ShipmentStatus.ARRIVED
    assert {bag.custody for bag in given.product_of(order)} == {Party.CLINIC}


@pytest.mark.parametrize("status", ["released", "released_pending", "supplied_oos"])
def test_ships_what_a_disposition_let_go(site: Site, status: str) -> None:
    order = given.received_order(site)
    given.released(order, status=status)
    assert given.packed(order).items.count() == 1


@pytest.mark.req("R-165")
@pytest.mark.parametrize("status", ["quarantined", "rejected"])
def test_refuses_to_ship_what_is_quarantined_or_rejected(site: Site, status: str) -> None:
    order = given.received_order(site)
    given.released(order, status=status)
    with pytest.raises(NotReleased):
        given.packed(order)
    assert not Shipment.objects.exists()


@pytest.mark.req("R-165")
def test_a_release_withdrawn_after_the_scan_stops_the_shipment(site: Site, logan: User, quinn: User) -> None:
    order = given.released_order(site)
    [bag] = given.product_of(order)
    scan = given.scan(logan, bag, order, Scan.Purpose.SHIPPING)
    assert bag.batch_id is not None
    services.set_release_status(actor=quinn, order=order, batch_id=bag.batch_id, status="quarantined")
    with pytest.raises(NotReleased):
        ship(order, logan, scans=[scan])


def ship(order: Order, by: User, **changes: Any) -> Shipment:
    facts = {"shipper": "LN2-14", "seal": "77821", "destination": "St. Anna", "place": "Dispatch"}
    return services.ship(actor=by, order=order, **(facts | changes))


@pytest.mark.parametrize("missing", [{"seal": ""}, {"shipper": " "}, {"scans": []}], ids=["seal", "shipper", "bags"])
def test_refuses_a_shipment_without_seal_shipper_or_bags(site: Site, logan: User, missing: dict[str, Any]) -> None:
    order = given.released_order(site)
    scans = [given.scan(logan, bag, order, Scan.Purpose.SHIPPING) for bag in given.product_of(order)]
    with pytest.raises(InvalidInput):
        ship(order, logan, **({"scans": scans} | missing))


def test_refuses_the_operator(site: Site, olga: User) -> None:
    order = given.released_order(site)
    scans = [given.scan(olga, bag, order, Scan.Purpose.SHIPPING) for bag in given.product_of(order)]
    with pytest.raises(NotPermitted):
        ship(order, olga, scans=scans)


def test_a_thawed_bag_has_its_time_and_no_more(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    thawed = services.thaw(actor=clara, scan=given.scan(clara, bag, order, Scan.Purpose.THAW), use_within_minutes=30)
    assert thawed.thawed_at is not None
    assert thawed.use_by == thawed.thawed_at + timedelta(minutes=30)
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=31)),
        pytest.raises(NotReleased) as refusal,
    ):
        given.scan(clara, bag, order, Scan.Purpose.BEDSIDE)
    assert refusal.value.details["reasons"][0]["code"] == "thawed_too_long"


def test_a_bag_is_thawed_once_and_for_a_time(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    with pytest.raises(InvalidInput):
        services.thaw(actor=clara, scan=given.scan(clara, bag, order, Scan.Purpose.THAW), use_within_minutes=0)
    services.thaw(actor=clara, scan=given.scan(clara, bag, order, Scan.Purpose.THAW), use_within_minutes=30)
    with pytest.raises(Exception, match="thawed already"):
        services.thaw(actor=clara, scan=given.scan(clara, bag, order, Scan.Purpose.THAW), use_within_minutes=30)
