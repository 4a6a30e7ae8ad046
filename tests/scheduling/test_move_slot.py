"""A move is previewed, then done by the same rules; it needs a reason, is recorded, and the clinic is told."""

from datetime import timedelta
from typing import Any

import pytest

from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from mes.records.queries import events_of
from scheduling import queries, services
from scheduling.errors import CannotMove
from tests.given import chain_of_identity
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def move(slot: Any, ines: User, *, days: Any, code: Any = "SUITE-1", reason: Any = "Apheresis late") -> Any:
    return services.move_slot(
        actor=ines, slot=slot, suite=given.suite(slot.site, code), start=given.in_days(slot.site, days), reason=reason
    )


@pytest.mark.req("R-195")
def test_the_move_is_recorded_with_its_reason_and_the_clinic_is_told(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    move(slot, ines, days=8, code="SUITE-2")

    event = events_of(slot).get(action="scheduling.move_slot")
    assert (event.reason, event.data["from"]["suite"], event.data["to"]["suite"]) == (
        "Apheresis late",
        "SUITE-1",
        "SUITE-2",
    )
    notice = slot.notices.get()
    assert notice.clinic == slot.order.clinic
    assert "Apheresis late" in notice.text


def test_the_planned_batch_and_the_journey_move_along(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site))

    moved = move(slot, ines, days=8)

    moved.batch.refresh_from_db()
    assert moved.batch.planned_start == moved.window.lower
    assert moved.order.planned_stops.get(stop="manufacturing").planned_at == moved.window.lower


def test_the_apheresis_window_moves_along(site: Site, ines: User) -> None:
    moved = move(given.held_slot(given.order(site)), ines, days=8)

    assert moved.collection.upper == moved.window.lower


def test_a_slot_may_overlap_its_own_old_place(site: Site, ines: User) -> None:
    moved = move(given.held_slot(given.order(site), days=5), ines, days=6)

    assert moved.interval.length() == timedelta(days=given.DAYS)


def test_a_place_left_is_free(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site), days=5)
    move(slot, ines, days=30)

    assert given.held_slot(given.order(site), days=5).status == "held"


@pytest.mark.req("R-192")
def test_refuses_a_taken_place_with_cause_and_alternatives(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=5)
    slot = given.held_slot(given.order(site), days=20)

    with pytest.raises(CannotMove) as refusal:
        move(slot, ines, days=6)

    assert [each["code"] for each in refusal.value.details["reasons"]] == ["suite_full"]
    assert 0 < len(refusal.value.details["alternatives"]) <= queries.ALTERNATIVES


@pytest.mark.req("R-192")
def test_refuses_a_time_at_which_a_bound_unit_serves_another_slot(site: Site, ines: User, unit: Any) -> None:
    other = given.held_slot(given.order(site), days=5, code="SUITE-2")
    services.book_unit(actor=ines, slot=other, unit=unit)
    slot = given.held_slot(given.order(site), days=20)
    services.book_unit(actor=ines, slot=slot, unit=unit)

    with pytest.raises(CannotMove) as refusal:
        move(slot, ines, days=6)

    assert [each["code"] for each in refusal.value.details["reasons"]] == ["unit_taken"]


@pytest.mark.req("R-194")
def test_refuses_a_start_at_which_collected_cells_are_too_old(site: Site, ines: User) -> None:
    order = chain_of_identity.collected(site, of=given.order(site))
    slot = given.held_slot(order, days=1)

    with pytest.raises(CannotMove) as refusal:
        move(slot, ines, days=50 / 24)

    assert [each["code"] for each in refusal.value.details["reasons"]] == ["collection_too_old"]


def test_a_preview_writes_nothing(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    version = slot.version

    preview = queries.preview_move(slot, suite=slot.suite, start=given.in_days(site, 8))

    slot.refresh_from_db()
    assert preview.possible
    assert slot.version == version


def test_a_move_needs_a_reason(site: Site, ines: User) -> None:
    with pytest.raises(InvalidInput, match="why"):
        move(given.held_slot(given.order(site)), ines, days=8, reason=" ")


def test_a_slot_given_back_does_not_move(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    services.release_slot(actor=ines, slot=slot)

    with pytest.raises(CannotMove) as refusal:
        move(slot, ines, days=8)

    assert "slot_gone" in [each["code"] for each in refusal.value.details["reasons"]]
