"""The journey: what happened, what is planned, who holds it; and who may see it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chain_of_identity import queries, services
from chain_of_identity.models import Order
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import InvalidInput, NotFound, NotPermitted
from tests.given import chain_of_identity as given
from tests.given import people

pytestmark = pytest.mark.django_db


def titles(order: Order) -> list[str]:
    return [station.title for station in queries.journey(Order.objects.get(id=order.id)).stations]


def test_tells_the_way_from_vein_to_vein(site: Site) -> None:
    order = given.at_the_clinic(site)
    given.infused(order)
    assert titles(order) == [
        "Ordered",
        "Collected",
        "Handed to the courier",
        "Handed to the manufacturing site",
        "Received and accepted",
        "Manufacturing B-0042",
        "Released",
        "Handed to the courier",
        "Handed to the clinic",
        "Infused",
    ]


def test_plans_are_ahead_until_they_have_happened(site: Site, ines: User) -> None:
    order = given.order(site)
    soon = clock.now(site) + timedelta(days=1)
    for stop in ("collection", "release"):
        services.plan_stop(actor=ines, order=order, stop=stop, at=soon, note="slot 4")
    ahead = [station for station in queries.journey(order).stations if station.state == "ahead"]
    assert [(station.title, station.details) for station in ahead] == [
        ("Collection", ("slot 4",)),
        ("Release", ("slot 4",)),
    ]
    given.collected(site, of=order)
    assert titles(order) == ["Ordered", "Collected", "Release"]


def test_a_plan_may_be_made_anew_by_the_planner_only(site: Site, ines: User, olga: User) -> None:
    order = given.order(site)
    soon = clock.now(site)
    services.plan_stop(actor=ines, order=order, stop="infusion", at=soon)
    moved = services.plan_stop(actor=ines, order=order, stop="infusion", at=soon + timedelta(days=2))
    assert order.planned_stops.get().planned_at == moved.planned_at
    with pytest.raises(NotPermitted):
        services.plan_stop(actor=olga, order=order, stop="infusion", at=soon)
    with pytest.raises(InvalidInput):
        services.plan_stop(actor=ines, order=order, stop="lunch", at=soon)


def test_says_who_holds_the_material_and_what_is_offered(site: Site, clara: User, kurt: User) -> None:
    order = given.collected(site)
    handover = given.given(clara, order, [given.bag_of(order)], "courier")
    told = queries.journey(order)
    assert (told.holder, told.open_handovers) == ("Clinic, Clara Clinic", (handover,))
    given.taken(kurt, handover, place="Car 3")
    told = queries.journey(order)
    assert (told.holder, told.place, told.open_handovers) == ("Courier, Kurt Courier", "Car 3", ())


def test_a_refused_hand_over_is_part_of_the_journey(site: Site, clara: User, kurt: User) -> None:
    order = given.collected(site)
    handover = given.given(clara, order, [given.bag_of(order)], "courier")
    services.refuse(actor=kurt, handover=handover, reason="The shipper is damaged.")
    assert titles(order)[-1] == "Not handed to the courier"


def test_reading_the_journey_costs_the_same_everywhere_on_it(site: Site) -> None:
    order = given.collected(site)
    with CaptureQueriesContext(connection) as early:
        queries.journey(order)
    given.delivered_order(site, of=order)
    with CaptureQueriesContext(connection) as late:
        queries.journey(order)
    # The first delivery adds the answers and items of hand-overs; more of them add nothing.
    assert len(late) <= len(early) + 2


def test_a_courier_sees_only_what_couriers_carry(site: Site, kurt: User, clara: User) -> None:
    carried, other = given.collected(site), given.collected(site)
    given.given(clara, carried, [given.bag_of(carried)], "courier")
    assert set(queries.visible_to(kurt)) == {carried}
    assert set(queries.visible_to(clara)) == {carried, other}


@pytest.mark.req("R-043")
def test_nobody_sees_the_orders_of_another_site(site: Site, foreign_site: Site) -> None:
    given.order(site)
    stranger = people.a_person(foreign_site, "lucie", Role.CLINIC, Role.OPERATOR)
    assert not queries.visible_to(stranger).exists()


def test_finds_a_container_by_its_label_at_its_site(site: Site, foreign_site: Site) -> None:
    bag = given.labelled_bag(given.order(site))
    assert queries.container_by_label(site, bag.label.lower()) == bag
    with pytest.raises(NotFound):
        queries.container_by_label(foreign_site, bag.label)
