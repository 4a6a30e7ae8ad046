"""A place given back is free for the next order; a confirmed one takes its planned batch with it."""

from typing import Any

import pytest

from mes.accounts.models import Site, User
from mes.errors import InvalidInput, WrongState
from scheduling import services
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def test_a_hold_is_given_back_and_its_place_is_free(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))

    services.release_slot(actor=ines, slot=slot)

    slot.refresh_from_db()
    assert slot.status == "released"
    assert given.held_slot(given.order(site)).lane == slot.lane


def test_a_confirmed_slot_is_cancelled_with_its_batch_and_the_clinic_is_told(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    services.release_slot(actor=ines, slot=slot, reason="Patient has a fever")

    slot.refresh_from_db()
    assert slot.status == "cancelled"
    assert slot.batch
    assert slot.batch.cancelled_at is not None
    assert "fever" in slot.notices.get().text


def test_cancelling_needs_a_reason(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    with pytest.raises(InvalidInput):
        services.release_slot(actor=ines, slot=slot)


def test_what_the_slot_bound_is_free_again(site: Site, ines: User, unit: Any) -> None:
    slot = given.held_slot(given.order(site))
    services.book_unit(actor=ines, slot=slot, unit=unit)

    services.release_slot(actor=ines, slot=slot)

    other = given.held_slot(given.order(site))
    assert services.book_unit(actor=ines, slot=other, unit=unit).active


def test_gives_back_only_once(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    services.release_slot(actor=ines, slot=slot)

    with pytest.raises(WrongState):
        services.release_slot(actor=ines, slot=slot)
