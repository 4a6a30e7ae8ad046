from datetime import timedelta
from typing import Any

import pytest

from batches import services
from batches.services.planning import control_recipe_of
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, MesError, WrongState
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people
from tests.given import recipes as recipes_given


def planned(site: Site, **facts: Any) -> object:
    start = clock.now(site)
    return services.plan_batch(
        actor=people.persona(site, "ines"),
        order=identity_given.received_order(site),
        recipe_version=given.short_recipe(site),
        planned_start=start,
        planned_end=start + timedelta(days=1),
        suite="S1",
        **facts,
    )


def test_a_batch_carries_the_identifier_of_its_order_and_a_number_of_its_own(site: Site) -> None:
    first, second = given.planned_batch(site), given.planned_batch(site)
    assert first.coi_id == first.order.coi_id
    assert first.number.startswith("GRAZ-")
    assert first.number != second.number


def test_the_control_recipe_is_a_copy_of_the_version_in_force(site: Site) -> None:
    batch = given.planned_batch(site)
    assert batch.control_recipe == batch.recipe_version.document
    assert batch.sha256 == batch.recipe_version.sha256


@pytest.mark.req("R-076")
def test_refuses_a_version_that_is_not_in_force(site: Site) -> None:
    draft = recipes_given.revision(given.short_recipe(site), given.QUICK)
    with pytest.raises(WrongState):
        given.planned_batch(site, recipe=draft)


@pytest.mark.req("R-083")
def test_a_changeable_parameter_is_stored_with_its_reason(site: Site) -> None:
    batch = planned(site, parameters={"moi": "5.5"}, reason="Low titre")
    assert batch.parameters == {"moi": {"value": "5.5", "unit": "TU/cell", "reason": "Low titre"}}  # type: ignore[attr-defined]
    assert str(control_recipe_of(batch).parameters["moi"].target) == "5.5"  # type: ignore[arg-type]


@pytest.mark.req("R-083")
@pytest.mark.parametrize("parameters", [{"temperature": "36.5"}, {"moi": "6.1"}, {"moi": "much"}, {"unknown": "1"}])
def test_refuses_a_fixed_parameter_or_one_outside_its_limits(site: Site, parameters: dict[str, str]) -> None:
    with pytest.raises(MesError):
        planned(site, parameters=parameters, reason="To try")


@pytest.mark.req("R-083")
def test_refuses_a_changed_parameter_without_a_reason(site: Site) -> None:
    with pytest.raises(InvalidInput):
        planned(site, parameters={"moi": "5.5"})


def test_refuses_a_batch_that_ends_before_it_starts(site: Site, ines: User) -> None:
    start = clock.now(site)
    with pytest.raises(InvalidInput):
        services.plan_batch(
            actor=ines,
            order=identity_given.order(site),
            recipe_version=given.short_recipe(site),
            planned_start=start,
            planned_end=start,
            suite="S1",
        )


def test_a_plan_can_be_moved_and_given_up_until_it_is_issued(site: Site, ines: User) -> None:
    batch = given.planned_batch(site)
    later = batch.planned_start + timedelta(days=2)
    moved = services.replan_batch(
        actor=ines,
        batch=batch,
        planned_start=later,
        planned_end=later + timedelta(days=1),
        suite="S2",
        reason="Patient has a fever",
    )
    assert (moved.planned_start, moved.suite) == (later, "S2")
    gone = services.cancel_plan(actor=ines, batch=batch, reason="Order withdrawn")
    assert gone.cancelled_at is not None


def test_an_issued_batch_is_not_given_up_any_more(site: Site, ines: User) -> None:
    batch = given.issued_batch(site)
    with pytest.raises(WrongState):
        services.cancel_plan(actor=ines, batch=batch, reason="Too late")
