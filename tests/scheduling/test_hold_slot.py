"""A hold takes a place for a while, where there is one and the cells can live that long."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chain_of_identity import services as identity
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mes.records.queries import events_of
from mes.records.services import act
from scheduling import services
from scheduling.errors import NotPlannable, SlotTaken
from scheduling.models import Slot
from scheduling.openings import Interval
from tests.given import chain_of_identity, people
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def codes(refusal: Any) -> Any:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


def test_a_held_slot_knows_its_place_its_end_and_when_the_hold_runs_out(site: Site) -> None:
    slot = given.held_slot(given.order(site))

    assert (slot.status, slot.suite.code, slot.lane) == ("held", "SUITE-1", 1)
    assert slot.interval.length() == timedelta(days=given.DAYS)
    assert slot.hold_until < slot.window.lower


def test_the_hold_is_an_event_of_the_order(site: Site) -> None:
    order = given.order(site)
    slot = given.held_slot(order)

    event = events_of(order).get(action="scheduling.hold_slot")
    assert (event.actor_username, event.data["suite"]) == ("ines", slot.suite.code)


def test_the_apheresis_window_ends_at_the_start_and_is_as_long_as_the_cells_stay_valid(site: Site) -> None:
    slot = given.held_slot(given.order(site))

    assert slot.collection.upper == slot.window.lower
    assert slot.window.lower - slot.collection.lower == timedelta(hours=given.VALID_HOURS)


@pytest.mark.req("R-192")
def test_refuses_a_taken_place_and_tells_the_nearest_openings(site: Site) -> None:
    taken = given.held_slot(given.order(site), days=5)

    with pytest.raises(SlotTaken) as refusal:
        given.held_slot(given.order(site), days=10)

    nearest = refusal.value.details["alternatives"][0]
    assert nearest["suite"] == "SUITE-1"
    assert nearest["start"] == taken.window.upper.isoformat(timespec="milliseconds")


def test_the_next_slot_may_start_when_the_last_one_ends(site: Site) -> None:
    first = given.held_slot(given.order(site))

    second = services.hold_slot(
        actor=people.persona(site, "ines"), order=given.order(site), suite=first.suite, start=first.window.upper
    )

    assert second.lane == 1


@pytest.mark.req("R-192")
def test_a_suite_holds_as_many_at_a_time_as_it_has_lanes(site: Site) -> None:
    given.suite(site, "WIDE", capacity=2)
    lanes = [given.held_slot(given.order(site), code="WIDE").lane for _ in range(2)]

    with pytest.raises(SlotTaken):
        given.held_slot(given.order(site), code="WIDE")

    assert lanes == [1, 2]


@pytest.mark.req("R-192")
def test_the_database_itself_refuses_a_double_booking(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    other = given.order(site)

    with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic(), act(ines, "test", site=site):
        Slot.objects.create(
            site=site,
            suite=slot.suite,
            lane=slot.lane,
            order=other,
            window=slot.window,
            collection=slot.collection,
            hold_until=slot.hold_until,
        )


def test_a_hold_that_ran_out_gives_its_place_to_the_next_even_before_the_tick(site: Site) -> None:
    first = given.held_slot(given.order(site), days=30, hold_for=timedelta(microseconds=1))

    second = given.held_slot(given.order(site), days=30)

    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "held")


def test_an_order_has_one_slot_at_a_time(site: Site) -> None:
    order = given.order(site)
    given.held_slot(order)

    with pytest.raises(Conflict, match="already has a slot"):
        given.held_slot(order, days=40)


def test_refuses_a_start_in_the_past(site: Site) -> None:
    with pytest.raises(NotPlannable) as refusal:
        given.held_slot(given.order(site), days=-1)

    assert "in_the_past" in codes(refusal)


def test_refuses_a_cancelled_order(site: Site, clara: User) -> None:
    order = given.order(site)
    identity.cancel_order(actor=clara, order=order, reason="Patient withdrew")
    order.refresh_from_db()

    with pytest.raises(NotPlannable) as refusal:
        given.held_slot(order)

    assert codes(refusal) == {"order_not_active"}


@pytest.mark.req("R-194")
def test_refuses_a_start_when_the_planned_collection_would_be_too_old(site: Site) -> None:
    start = given.in_days(site, 5)
    collection = Interval(start - timedelta(hours=50), start - timedelta(hours=46))

    with pytest.raises(NotPlannable) as refusal:
        given.held_slot(given.order(site), collection=collection)

    assert codes(refusal) == {"collection_too_old"}


@pytest.mark.req("R-194")
@pytest.mark.parametrize(("hours", "passes"), [(47, True), (50, False)])
def test_cells_that_were_collected_decide_by_their_real_age(site: Site, hours: Any, passes: Any) -> None:
    order = chain_of_identity.collected(site, of=given.order(site))

    if passes:
        assert given.held_slot(order, days=hours / 24).status == "held"
    else:
        with pytest.raises(NotPlannable) as refusal:
            given.held_slot(order, days=hours / 24)
        assert codes(refusal) == {"collection_too_old"}


@pytest.mark.req("R-194")
def test_refuses_a_slot_that_makes_vein_to_vein_too_long(site: Site, ines: User) -> None:
    order = given.order(site)
    start = given.in_days(site, 5)

    with pytest.raises(NotPlannable) as refusal:
        services.hold_slot(
            actor=ines,
            order=order,
            suite=given.suite(site),
            start=start,
            end=start + timedelta(days=30),
        )

    assert codes(refusal) == {"vein_to_vein_too_long"}


def test_refuses_a_product_nobody_said_how_to_plan(site: Site, ines: User) -> None:
    order = chain_of_identity.order(site, product_code="UNKNOWN")

    with pytest.raises(NotFound, match="no planning limits"):
        services.hold_slot(actor=ines, order=order, suite=given.suite(site), start=given.in_days(site, 5))


def test_refuses_a_suite_of_another_site(site: Site, foreign_site: Site) -> None:
    planner = people.a_person(foreign_site, "lyonplanner", Role.PLANNER)
    theirs = services.add_suite(actor=planner, site=foreign_site, code="S", name="Theirs")

    with pytest.raises(InvalidInput, match="two sites"):
        services.hold_slot(actor=planner, order=given.order(site), suite=theirs, start=given.in_days(site, 5))


@pytest.mark.parametrize("hold_for", [timedelta(0), timedelta(days=15)])
def test_a_hold_lasts_some_time_but_not_for_ever(site: Site, hold_for: Any) -> None:
    with pytest.raises(InvalidInput, match="14 days"):
        given.held_slot(given.order(site), hold_for=hold_for)


def test_an_operator_does_not_plan(site: Site, olga: User) -> None:
    order = given.order(site)

    with pytest.raises(NotPermitted):
        services.hold_slot(actor=olga, order=order, suite=given.suite(site), start=given.in_days(site, 5))
