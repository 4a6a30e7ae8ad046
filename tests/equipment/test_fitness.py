"""Which unit and which room may be used: every condition in turn."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from equipment import queries, services
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass
from equipment.errors import RoomUnfit, UnitUnfit
from equipment.models import Occupancy, Unit
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, Reason
from mes.records.queries import events_of
from mes.records.services import act
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db


def reasons(unit: Unit, class_code: str = "bioreactor", *, at: datetime | None = None) -> list[Reason]:
    fresh = Unit.objects.get(pk=unit.pk)
    return queries.reasons_unfit(fresh, class_code=class_code, batch_id=uuid4(), at=at or clock.now(unit.site))


def codes(unit: Unit, class_code: str = "bioreactor", *, at: datetime | None = None) -> set[str]:
    return {reason.code for reason in reasons(unit, class_code, at=at)}


def refusal_codes(refused: UnitUnfit | RoomUnfit) -> set[str]:
    return {reason["code"] for reason in refused.details["reasons"]}


def test_a_fit_unit_has_nothing_against_it(site: Site) -> None:
    assert reasons(given.unit(site)) == []


@pytest.mark.req("R-091")
def test_a_new_unit_tells_every_reason_at_once(site: Site) -> None:
    assert codes(given.new_unit(site)) == {"not_qualified", "not_calibrated", "not_clean"}


@pytest.mark.req("R-091")
def test_names_a_unit_of_another_class(site: Site) -> None:
    [reason] = reasons(given.unit(site, "incubator", "INC-1"))
    assert reason == Reason("wrong_class", "INC-1 is not a bioreactor but a co₂ incubator.", "INC-1")


@pytest.mark.req("R-091")
def test_a_qualification_ends(site: Site) -> None:
    unit = given.clean(given.calibrated(given.qualified(given.new_unit(site)), days=900), days=900)
    assert codes(unit, at=clock.now(site) + timedelta(days=366)) == {"not_qualified"}


@pytest.mark.req("R-091")
def test_an_uncalibrated_unit_is_unfit(site: Site) -> None:
    assert codes(given.clean(given.qualified(given.new_unit(site)))) == {"not_calibrated"}


@pytest.mark.req("R-091", "R-107")
def test_an_overdue_calibration_blocks_from_the_very_moment(site: Site) -> None:
    unit = given.calibrated(given.unit(site), days=30)
    due = unit.calibration_due
    assert due is not None
    assert codes(unit, at=due - timedelta(seconds=1)) == set()
    assert codes(unit, at=due) == {"not_calibrated"}


@pytest.mark.req("R-107")
def test_a_calibration_that_failed_as_left_blocks_use(site: Site) -> None:
    assert codes(given.calibrated(given.unit(site), as_found=False, as_left=False)) == {"not_calibrated"}


@pytest.mark.req("R-091")
def test_a_dirty_unit_is_unfit(site: Site) -> None:
    assert codes(given.calibrated(given.qualified(given.new_unit(site)))) == {"not_clean"}


@pytest.mark.req("R-091")
def test_a_unit_is_to_be_cleaned_after_a_batch_has_left_it(site: Site, olga: User) -> None:
    unit = given.unit(site)
    use = given.occupied(unit)
    services.vacate(actor=olga, unit=unit, batch_id=use.batch_id)
    assert codes(unit) == {"not_clean"}


def test_a_cell_counter_is_not_cleaned_between_two_samples(site: Site, olga: User) -> None:
    unit = given.unit(site, "cell_counter")
    use = given.occupied(unit)
    services.vacate(actor=olga, unit=unit, batch_id=use.batch_id)
    assert codes(unit, "cell_counter") == set()


@pytest.mark.req("R-091")
def test_a_unit_out_of_service_is_unfit(site: Site, sven: User) -> None:
    unit = given.unit(site)
    services.take_unit_out(actor=sven, unit=unit, reason="Fan noise")
    assert codes(unit) == {"out_of_service"}


@pytest.mark.req("R-091", "R-108")
def test_another_patients_material_in_the_unit_is_named(site: Site) -> None:
    unit = given.unit(site, code="BRX-1")
    given.occupied(unit, coi_id="KX7-204")
    assert Reason("occupied", "BRX-1 holds material of KX7-204.", "BRX-1") in reasons(unit)


def test_the_batch_inside_does_not_hinder_itself(site: Site) -> None:
    unit = given.unit(site)
    use = given.occupied(unit)
    later = clock.now(site) + timedelta(days=364)
    assert queries.reasons_unfit(unit, class_code="bioreactor", batch_id=use.batch_id, at=later) == []


@pytest.mark.req("R-091")
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda site: given.clean(given.calibrated(given.new_unit(site))), "not_qualified"),
        (lambda site: given.clean(given.qualified(given.new_unit(site))), "not_calibrated"),
        (lambda site: given.calibrated(given.qualified(given.new_unit(site))), "not_clean"),
    ],
)
def test_refuses_to_bind_an_unfit_unit(site: Site, make: Callable[[Site], Unit], code: str) -> None:
    with pytest.raises(UnitUnfit) as refused:
        given.occupied(make(site))
    assert refused.value.status == 409
    assert refusal_codes(refused.value) == {code}


@pytest.mark.req("R-108")
def test_refuses_a_second_patient_in_the_same_unit(site: Site) -> None:
    unit = given.unit(site)
    given.occupied(unit, coi_id="KX7-204")
    with pytest.raises(UnitUnfit) as refused:
        given.occupied(unit, coi_id="MB2-118")
    assert refusal_codes(refused.value) == {"occupied"}
    assert Occupancy.objects.open().filter(unit=unit).count() == 1


@pytest.mark.req("R-108")
def test_the_database_itself_refuses_a_second_batch_in_a_unit(site: Site, olga: User) -> None:
    first = given.occupied(given.unit(site))
    second = Occupancy(
        unit=first.unit, batch_id=uuid4(), coi_id="MB2-118", exclusive=True, since=first.since, taken_by=olga
    )
    with pytest.raises(IntegrityError), transaction.atomic(), act(olga, "equipment.occupy", site=site):
        second.save(force_insert=True)


def test_a_nitrogen_store_holds_bags_of_many_patients(site: Site) -> None:
    store = given.unit(site, "ln2_freezer")
    given.occupied(store, coi_id="KX7-204")
    given.occupied(store, coi_id="MB2-118")
    assert Occupancy.objects.open().filter(unit=store).count() == 2


def test_taking_a_unit_twice_is_taking_it_once(site: Site) -> None:
    unit, batch = given.unit(site), uuid4()
    assert given.occupied(unit, batch_id=batch) == given.occupied(unit, batch_id=batch)


def test_a_unit_can_be_taken_again_once_it_is_free_and_clean(site: Site, olga: User) -> None:
    unit = given.unit(site)
    first = given.occupied(unit)
    services.vacate(actor=olga, unit=unit, batch_id=first.batch_id)
    second = given.occupied(given.clean(unit), coi_id="MB2-118")
    assert second.until is None


@pytest.mark.req("R-109")
@pytest.mark.parametrize("missing", ["area", "process_cell"])
def test_refuses_a_unit_without_its_place_in_the_plant(site: Site, sven: User, missing: str) -> None:
    place = {"area": "Manufacturing", "process_cell": "Cell therapy 1"} | {missing: " "}
    with pytest.raises(InvalidInput) as refused:
        services.add_unit(
            actor=sven, site=site, room=given.room(site), code="BRX-9", name="", class_code="bioreactor", **place
        )
    assert refused.value.status == 400
    assert refused.value.details["field"] == missing


@pytest.mark.req("R-109")
@pytest.mark.parametrize("page", EQUIPMENT_CLASSES.values(), ids=str)
def test_every_tag_belongs_to_an_equipment_module(page: EquipmentClass) -> None:
    assert all(tag.module for tag in page.tags)


def test_only_who_maintains_equipment_brings_in_a_unit(site: Site, olga: User) -> None:
    with pytest.raises(NotPermitted):
        services.add_unit(
            actor=olga,
            site=site,
            room=given.room(site),
            code="BRX-9",
            name="",
            class_code="bioreactor",
            area="Manufacturing",
            process_cell="Cell therapy 1",
        )


def test_a_dirty_room_is_unfit(site: Site) -> None:
    room = given.dirty_room(site)
    assert [r.code for r in queries.reasons_room_unfit(room, grade="C", batch_id=None)] == ["room_not_clean"]


@pytest.mark.parametrize(("needed", "expected"), [("B", ["wrong_grade"]), ("C", []), ("D", [])])
def test_a_room_is_at_least_as_clean_as_needed(site: Site, needed: str, expected: list[str]) -> None:
    room = given.room(site, "CR-1", grade="C")
    assert [r.code for r in queries.reasons_room_unfit(room, grade=needed, batch_id=None)] == expected


@pytest.mark.req("R-108")
def test_refuses_open_material_of_a_second_patient_in_a_room(site: Site, olga: User) -> None:
    room = given.room(site)
    services.use_room(actor=olga, room=room, batch_id=uuid4(), coi_id="KX7-204")
    with pytest.raises(RoomUnfit) as refused:
        services.use_room(actor=olga, room=room, batch_id=uuid4(), coi_id="MB2-118")
    assert refusal_codes(refused.value) == {"room_in_use"}


def test_a_room_is_cleaned_between_two_batches(site: Site, olga: User) -> None:
    room = given.room(site)
    services.use_room(actor=olga, room=room, batch_id=uuid4(), coi_id="KX7-204")
    left = services.leave_room(actor=olga, room=room)
    with pytest.raises(RoomUnfit):
        services.use_room(actor=olga, room=left, batch_id=uuid4(), coi_id="MB2-118")
    services.use_room(actor=olga, room=given.cleaned(left), batch_id=uuid4(), coi_id="MB2-118")


@pytest.mark.req("R-107")
def test_a_failed_as_found_names_every_batch_since_the_last_pass(site: Site, olga: User) -> None:
    unit, batches = given.unit(site), [uuid4() for _ in range(4)]
    start = clock.now(site)
    for day, batch in enumerate(batches, start=1):
        with time_machine.travel(start + timedelta(days=day)):
            given.occupied(given.clean(unit), batch_id=batch, coi_id=f"COI-{day}")
            services.vacate(actor=olga, unit=unit, batch_id=batch)
            if day == 2:
                given.calibrated(unit)
    with time_machine.travel(start + timedelta(days=9)):
        failed = given.calibrated(unit, as_found=False).calibrations.last()
    assert failed is not None
    assert queries.batches_since_last_pass(failed) == batches[2:]


@pytest.mark.req("R-106")
def test_the_log_book_tells_uses_cleanings_and_calibrations_in_order_with_both_persons(site: Site, olga: User) -> None:
    unit = given.unit(site)
    for patient in ("KX7-204", "MB2-118", "TT4-001"):
        use = given.occupied(given.clean(unit), coi_id=patient)
        services.vacate(actor=olga, unit=unit, batch_id=use.batch_id)
    log = queries.log_of(unit)
    assert [line.at for line in log] == sorted(line.at for line in log)
    assert [line.detail for line in log if line.what == "use"] == ["KX7-204", "MB2-118", "TT4-001"]
    assert all(line.batch_id and line.until for line in log if line.what == "use")
    assert all(line.performed_by and line.checked_by for line in log)
    assert all(line.performed_by != line.checked_by for line in log)


@pytest.mark.req("R-106")
def test_a_use_is_checked_by_the_first_other_person(site: Site, olga: User, vera: User) -> None:
    unit, batch = given.unit(site), uuid4()
    services.occupy(actor=olga, unit=unit, batch_id=batch, coi_id="KX7-204")
    for checker, checked in ((olga, ""), (vera, "Vera Verifier"), (people.persona(site, "sven"), "Vera Verifier")):
        services.check_use(actor=checker, unit=unit, batch_id=batch)
        [line] = [each for each in queries.log_of(unit) if each.what == "use"]
        assert (line.performed_by, line.checked_by) == ("Olga Operator", checked)
    acts = [event.action for event in events_of(unit)]
    assert acts.count("equipment.check_use") == 1


def test_nobody_checks_their_own_cleaning(site: Site, vera: User) -> None:
    unit = given.new_unit(site)
    checker = people.signer(vera, "checked", site=site)
    with pytest.raises(InvalidInput, match="Somebody else"):
        services.record_cleaning(
            actor=vera, unit=unit, checker=checker, procedure="SOP", due_at=clock.now(site) + given.YEAR
        )
