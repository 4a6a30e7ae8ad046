"""A slot binds units, people and lots; what will be out of order by then is said now."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mes.accounts.models import Site, User
from mes.errors import Conflict, InvalidInput, WrongState
from mes.quantities import Quantity
from mes.records.services import act
from scheduling import queries, services
from scheduling.errors import LotShort, UnitTaken
from scheduling.models import UnitBooking
from tests.given import equipment, materials
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def reserve(actor: Any, slot: Any, lot: Any, value: Any = "1", unit: Any = "L") -> Any:
    return services.reserve_lot(actor=actor, slot=slot, lot=lot, quantity=Quantity(Decimal(value), unit))


def codes(warnings: Any) -> Any:
    return [reason.code for reason in warnings]


@pytest.mark.req("R-192")
def test_a_unit_serves_one_slot_at_a_time(site: Site, ines: User, unit: Any) -> None:
    services.book_unit(actor=ines, slot=given.held_slot(given.order(site)), unit=unit)
    other = given.held_slot(given.order(site), code="SUITE-2")

    with pytest.raises(UnitTaken):
        services.book_unit(actor=ines, slot=other, unit=unit)


@pytest.mark.req("R-192")
def test_the_database_itself_refuses_a_unit_twice(site: Site, ines: User, unit: Any) -> None:
    first = given.held_slot(given.order(site))
    services.book_unit(actor=ines, slot=first, unit=unit)
    other = given.held_slot(given.order(site), code="SUITE-2")

    with (
        pytest.raises(IntegrityError, match="a_unit_serves_one_slot"),
        transaction.atomic(),
        act(ines, "test", site=site),
    ):
        UnitBooking.objects.create(slot=other, unit=unit, window=other.window)


def test_a_unit_is_free_for_a_later_slot(site: Site, ines: User, unit: Any) -> None:
    services.book_unit(actor=ines, slot=given.held_slot(given.order(site), days=5), unit=unit)
    later = given.held_slot(given.order(site), days=20)

    assert services.book_unit(actor=ines, slot=later, unit=unit).active


@pytest.mark.req("R-193")
def test_a_calibration_that_falls_due_before_the_end_is_a_warning(site: Site, ines: User) -> None:
    unit = equipment.calibrated(equipment.unit(site), days=10)
    slot = given.held_slot(given.order(site), days=5)

    services.book_unit(actor=ines, slot=slot, unit=unit)

    assert codes(queries.warnings_of(slot)) == ["calibration_due"]


@pytest.mark.req("R-193")
def test_a_person_without_training_on_the_recipe_is_a_warning(site: Site, ines: User, olga: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    services.assign_operator(actor=ines, slot=slot, person=olga)

    assert codes(queries.warnings_of(slot)) == ["training"]


@pytest.mark.req("R-193")
def test_refuses_to_plan_somebody_who_executes_nothing(site: Site, ines: User, quinn: User) -> None:
    slot = given.held_slot(given.order(site))

    with pytest.raises(InvalidInput):
        services.assign_operator(actor=ines, slot=slot, person=quinn)


def test_plans_a_person_once(site: Site, ines: User, olga: User) -> None:
    slot = given.held_slot(given.order(site))
    services.assign_operator(actor=ines, slot=slot, person=olga)

    with pytest.raises(Conflict):
        services.assign_operator(actor=ines, slot=slot, person=olga)


def test_a_reserved_lot_is_kept_in_its_own_unit(site: Site, ines: User) -> None:
    lot = materials.released_lot(site, "TEXMACS")
    slot = given.held_slot(given.order(site))

    assert reserve(ines, slot, lot, "500", "mL").quantity == Decimal("0.5")


def test_refuses_a_lot_that_expires_before_the_slot_ends(site: Site, ines: User) -> None:
    lot = materials.released_lot(site, "TEXMACS", days=10)
    slot = given.held_slot(given.order(site), days=5)

    with pytest.raises(LotShort) as refusal:
        reserve(ines, slot, lot)

    assert refusal.value.details["reasons"][0]["code"] == "lot_expired"


def test_refuses_what_others_have_reserved(site: Site, ines: User) -> None:
    lot = materials.released_lot(site, "TEXMACS", quantity="1.5", unit="L")
    reserve(ines, given.held_slot(given.order(site)), lot)
    other = given.held_slot(given.order(site), code="SUITE-2")

    with pytest.raises(LotShort) as refusal:
        reserve(ines, other, lot)

    assert refusal.value.details["reasons"][0]["code"] == "not_enough"


def test_a_reserved_lot_that_will_expire_after_a_move_is_a_warning(site: Site, ines: User) -> None:
    lot = materials.released_lot(site, "TEXMACS", days=20)
    slot = given.held_slot(given.order(site), days=5)
    reserve(ines, slot, lot)

    preview = queries.preview_move(slot, suite=slot.suite, start=slot.window.lower + timedelta(days=9))

    assert preview.possible
    assert codes(preview.warnings) == ["lot_expires"]


def test_nothing_is_bound_to_a_slot_given_back(site: Site, ines: User, unit: Any) -> None:
    slot = given.held_slot(given.order(site))
    services.release_slot(actor=ines, slot=slot)

    with pytest.raises(WrongState):
        services.book_unit(actor=ines, slot=slot, unit=unit)
