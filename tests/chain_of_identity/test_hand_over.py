"""Hand-over: custody changes only when both have confirmed."""

from typing import Any

import pytest

from chain_of_identity import services
from chain_of_identity.errors import NotReleased, WrongBag, WrongSeal
from chain_of_identity.models import Container, Handover, HandoverAnswer, Order, Party, Scan
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import Blocked, Conflict, InvalidInput, NotPermitted, WrongState
from tests.given import chain_of_identity as given
from tests.given import people

pytestmark = pytest.mark.django_db

HANDOVER = Scan.Purpose.HANDOVER


def offered(site: Site) -> Handover:
    """A collected bag that Clara offers to the courier."""
    order = given.collected(site)
    return given.given(people.persona(site, "clara"), order, [given.bag_of(order)], Party.COURIER)


def bag_in(handover: Handover) -> Container:
    return given.bag_of(handover.order)


def test_an_offer_alone_changes_nothing(site: Site, clara: User) -> None:
    bag = bag_in(offered(site))
    assert (bag.custody, bag.custodian_id) == (Party.CLINIC, clara.id)


def test_the_receivers_confirmation_changes_custody(site: Site, kurt: User) -> None:
    handover = offered(site)
    given.taken(kurt, handover, place="Car 3")
    bag = bag_in(handover)
    assert (bag.custody, bag.custodian_id, bag.place) == (Party.COURIER, kurt.id, "Car 3")


def test_nobody_receives_what_nobody_gave(site: Site, kurt: User) -> None:
    """Without the giver's half there is nothing to confirm (R-130)."""
    handover = offered(site)
    given.taken(kurt, handover)
    with pytest.raises(WrongState):
        given.taken(kurt, handover)


def test_giver_and_receiver_are_two_people(site: Site, clara: User) -> None:
    handover = offered(site)
    with pytest.raises(NotPermitted, match="another person"):
        given.taken(clara, handover)


def test_only_the_party_it_was_offered_to_receives(site: Site, logan: User) -> None:
    with pytest.raises(NotPermitted, match="Courier"):
        given.taken(logan, offered(site))


def test_a_different_seal_is_refused(site: Site, kurt: User) -> None:
    handover = offered(site)
    scan = given.scan(kurt, bag_in(handover), handover.order, HANDOVER)
    with pytest.raises(WrongSeal):
        services.receive(actor=kurt, handover=handover, scans=[scan], place="Car 3", seal="77812")
    assert bag_in(handover).custody == Party.CLINIC


@pytest.mark.req("R-126")
def test_a_wrong_bag_stops_the_hand_over(site: Site, kurt: User) -> None:
    handover, other = offered(site), given.collected(site)
    with pytest.raises(WrongBag):
        given.scan(kurt, given.bag_of(other), handover.order, HANDOVER)
    assert bag_in(handover).custody == Party.CLINIC


def two_bags(site: Site) -> tuple[Order, list[Container]]:
    order = given.collected(site, of=given.collected(site))
    return order, list(Container.objects.select_related("order__site", "custodian").filter(order=order))


def test_every_offered_bag_is_scanned_and_no_other(site: Site, clara: User, kurt: User) -> None:
    order, bags = two_bags(site)
    handover = given.given(clara, order, bags, Party.COURIER)
    with pytest.raises(Conflict) as refusal:
        services.receive(
            actor=kurt,
            handover=handover,
            scans=[given.scan(kurt, bags[0], order, HANDOVER)],
            place="Car 3",
            seal=given.SEAL,
        )
    assert refusal.value.details == {"missing": [bags[1].label], "not_offered": []}


def test_the_same_bag_scanned_twice_is_not_two_bags(site: Site, clara: User, kurt: User) -> None:
    order, bags = two_bags(site)
    handover = given.given(clara, order, bags, Party.COURIER)
    twice = [given.scan(kurt, bags[0], order, HANDOVER) for _ in range(2)]
    with pytest.raises(Conflict):
        services.receive(actor=kurt, handover=handover, scans=twice, place="Car 3", seal=given.SEAL)


def test_one_bag_is_offered_once(site: Site, clara: User) -> None:
    handover = offered(site)
    with pytest.raises(Blocked) as refusal:
        given.given(clara, handover.order, [bag_in(handover)], Party.COURIER)
    assert refusal.value.details["reasons"][0]["code"] == "already_offered"


def test_a_courier_gives_only_what_this_courier_carries(site: Site, kurt: User) -> None:
    handover = offered(site)
    given.taken(kurt, handover)
    karl = people.a_person(site, "karl", Role.COURIER)
    with pytest.raises(Blocked) as refusal:
        given.given(karl, handover.order, [bag_in(handover)], Party.SITE)
    assert refusal.value.details["reasons"][0]["code"] == "other_courier"


def test_nobody_gives_what_another_party_holds(site: Site, logan: User) -> None:
    order = given.collected(site)
    with pytest.raises(Blocked) as refusal:
        given.given(logan, order, [given.bag_of(order)], Party.COURIER)
    assert refusal.value.details["reasons"][0]["code"] == "not_in_custody"


@pytest.mark.req("R-165")
@pytest.mark.parametrize("status", ["quarantined", "rejected"])
def test_product_that_is_not_released_does_not_leave_by_plain_hand_over(site: Site, logan: User, status: str) -> None:
    order = given.received_order(site)
    product = given.released(order, status=status)
    with pytest.raises(NotReleased):
        given.given(logan, order, product, Party.COURIER)


def test_a_refused_offer_stays_with_the_giver(site: Site, kurt: User, clara: User) -> None:
    handover = offered(site)
    answer = services.refuse(actor=kurt, handover=handover, reason="The shipper is damaged.")
    assert answer.outcome == HandoverAnswer.Outcome.REFUSED
    assert bag_in(handover).custodian_id == clara.id
    assert given.given(clara, handover.order, [bag_in(handover)], Party.COURIER).is_open


def test_refusing_and_withdrawing_are_for_the_right_side_and_have_a_reason(site: Site, kurt: User, clara: User) -> None:
    handover = offered(site)
    with pytest.raises(NotPermitted):
        services.refuse(actor=clara, handover=handover, reason="Mine.")
    with pytest.raises(NotPermitted):
        services.withdraw(actor=kurt, handover=handover, reason="Not mine.")
    with pytest.raises(InvalidInput):
        services.withdraw(actor=clara, handover=handover, reason=" ")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"to": "moon"}, InvalidInput), ({"to": Party.CLINIC}, InvalidInput), ({"scans": []}, Conflict)],
    ids=["unknown party", "same party", "no bags"],
)
def test_refuses_an_offer_that_is_none(
    site: Site, clara: User, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    order = given.collected(site)
    scan = given.scan(clara, given.bag_of(order), order, HANDOVER)
    facts: dict[str, Any] = {"actor": clara, "order": order, "scans": [scan], "to": "courier", "place": "Ward 4"}
    with pytest.raises(refusal):
        services.give(**(facts | changes))


def test_the_operator_hands_nothing_over(site: Site, olga: User) -> None:
    order = given.delivered_order(site)
    with pytest.raises(NotPermitted):
        given.given(olga, order, [given.bag_of(order)], Party.COURIER)
