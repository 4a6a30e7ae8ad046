"""Confirming a hold makes the batch and gives it its number."""

from datetime import timedelta

import pytest

from chain_of_identity import services as identity
from mes.accounts.models import Site, User
from mes.errors import WrongState
from mes.records.queries import events_of
from scheduling import services
from scheduling.errors import HoldExpired, NotPlannable
from tests.given import recipes
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def test_the_batch_is_born_with_its_number_and_the_recipe_in_force(site: Site) -> None:
    version = recipes.effective_recipe(site, "CART-A")

    slot = given.confirmed_slot(given.order(site))

    assert slot.status == "confirmed"
    assert slot.batch
    assert slot.batch.number
    assert slot.batch.recipe_version == version
    assert (slot.batch.planned_start, slot.batch.suite) == (slot.window.lower, slot.suite.code)
    assert events_of(slot).get(action="scheduling.confirm_slot").data["batch"] == slot.batch.number


def test_the_journey_shows_what_is_planned(site: Site) -> None:
    slot = given.confirmed_slot(given.order(site))

    stops = {stop.stop: stop.planned_at for stop in slot.order.planned_stops.all()}
    assert stops == {
        "collection": slot.collection.lower,
        "manufacturing": slot.window.lower,
        "release": slot.window.upper,
    }


def test_refuses_a_hold_that_ran_out(site: Site, ines: User) -> None:
    recipes.effective_recipe(site, "CART-A")
    slot = given.held_slot(given.order(site), hold_for=timedelta(microseconds=1))

    with pytest.raises(HoldExpired):
        services.confirm_slot(actor=ines, slot=slot)


def test_refuses_without_a_recipe_in_force(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))

    with pytest.raises(NotPlannable) as refusal:
        services.confirm_slot(actor=ines, slot=slot)

    assert refusal.value.details["reasons"][0]["code"] == "no_effective_recipe"


def test_refuses_an_order_that_was_cancelled_meanwhile(site: Site, ines: User, clara: User) -> None:
    order = given.order(site)
    slot = given.held_slot(order)
    identity.cancel_order(actor=clara, order=order, reason="Patient withdrew")

    with pytest.raises(NotPlannable):
        services.confirm_slot(actor=ines, slot=slot)


def test_confirms_only_once(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    with pytest.raises(WrongState):
        services.confirm_slot(actor=ines, slot=slot)
