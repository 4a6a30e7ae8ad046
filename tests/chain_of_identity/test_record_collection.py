"""Collection: one chain identifier, a donation number of its own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chain_of_identity import services
from chain_of_identity.errors import DonationNumberTaken
from chain_of_identity.models import Collection, Order, Scan
from chain_of_identity.states import ContainerStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import Conflict, InvalidInput, NotPermitted, WrongState
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db


def record(order: Order, by: User, **changes: Any) -> Collection:
    bag = given.labelled_bag(order)
    facts: dict[str, Any] = {
        "coi_id": f"&/{order.coi_id}",
        "scan": given.scan(by, bag, order, Scan.Purpose.COLLECTION),
        "din": "=A99992112345601",
        "scanned": True,
        "volume_ml": Decimal(200),
    }
    return services.record_collection(actor=by, order=order, **(facts | changes))


def test_fills_the_scanned_bag_and_leaves_it_with_the_clinic(site: Site, clara: User) -> None:
    bag = record(given.order(site), clara).container
    assert (bag.custody, bag.custodian) == ("clinic", clara)
    assert bag.status == ContainerStatus.FILLED
    assert bag.volume_ml == 200


@pytest.mark.req("R-122")
def test_keeps_the_flags_of_a_scanned_number_apart(site: Site, clara: User) -> None:
    collection = record(given.order(site), clara)
    assert (collection.din, collection.flags) == ("A999921123456", "01")


@pytest.mark.req("R-122")
def test_refuses_a_typed_number_without_check_character(site: Site, clara: User) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record(given.order(site), clara, din="=A999921123456", scanned=False)
    assert refusal.value.status == 400


@pytest.mark.req("R-121")
def test_takes_a_typed_number_with_its_check_character_only(site: Site, clara: User) -> None:
    order = given.order(site)
    with pytest.raises(InvalidInput):
        record(order, clara, din="A9999211234564", scanned=False)
    assert record(order, clara, din="A9999211234563", scanned=False).din == "A999921123456"


@pytest.mark.req("R-123")
def test_refuses_the_donation_number_of_another_donor(site: Site, clara: User) -> None:
    record(given.order(site), clara)
    with pytest.raises(DonationNumberTaken) as refusal:
        record(given.order(site), clara)
    assert refusal.value.status == 409


@pytest.mark.req("R-119")
def test_refuses_a_collection_without_identifier(site: Site, clara: User) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record(given.order(site), clara, coi_id="")
    assert refusal.value.status == 400
    assert not Collection.objects.exists()


@pytest.mark.req("R-119")
def test_refuses_the_identifier_of_another_therapy(site: Site, clara: User) -> None:
    with pytest.raises(Conflict, match="another order"):
        record(given.order(site), clara, coi_id=given.order(site).coi_id)


@pytest.mark.req("R-119")
def test_two_collections_share_the_identifier_and_keep_their_numbers(site: Site, clara: User) -> None:
    order = given.order(site)
    first, second = record(order, clara), record(order, clara, din="=A99992112345700")
    assert first.order.coi_id == second.order.coi_id
    assert {first.din, second.din} == {"A999921123456", "A999921123457"}
    assert {container.label for container in order.containers.all()} == {f"{order.short}-A", f"{order.short}-B"}


def test_refuses_a_bag_that_is_filled_already(site: Site, clara: User) -> None:
    order = given.collected(site)
    again = given.scan(clara, given.bag_of(order), order, Scan.Purpose.COLLECTION)
    with pytest.raises(WrongState):
        record(order, clara, scan=again)


def test_refuses_a_scan_made_by_somebody_else(site: Site, clara: User, carlos: User) -> None:
    order = given.order(site)
    bag = given.labelled_bag(order)
    with pytest.raises(Conflict, match="somebody else"):
        record(order, clara, scan=given.scan(carlos, bag, order, Scan.Purpose.COLLECTION))


@pytest.mark.parametrize(("start", "end"), [(0, -30), (0, 30)], ids=["ends before it starts", "is not over"])
def test_refuses_impossible_times(site: Site, clara: User, start: int, end: int) -> None:
    now = clock.now(site)
    with pytest.raises(InvalidInput):
        record(
            given.order(site),
            clara,
            started_at=now + timedelta(minutes=start),
            ended_at=now + timedelta(minutes=end),
        )


def test_refuses_an_empty_collection_and_the_wrong_people(site: Site, clara: User, logan: User) -> None:
    with pytest.raises(InvalidInput):
        record(given.order(site), clara, volume_ml=Decimal(0))
    order = given.order(site)
    bag = given.labelled_bag(order)
    with pytest.raises(NotPermitted):
        services.record_collection(
            actor=logan,
            order=order,
            coi_id=order.coi_id,
            scan=given.scan(logan, bag, order, Scan.Purpose.COLLECTION),
            din="=A99992112345601",
            scanned=True,
            volume_ml=Decimal(1),
        )
