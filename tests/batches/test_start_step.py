from datetime import timedelta

import pytest
import time_machine

from batches import services
from batches.errors import NotTrained, StepBlocked
from batches.models import Batch, ExceptionKind
from batches.queries import reasons_line_in_use
from batches.queries.run import run_screen
from batches.states import State
from equipment.services import leave_room
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import NotPermitted
from mes.records.models import Event
from tests.given import batches as given
from tests.given import people


def codes(refusal: pytest.ExceptionInfo[StepBlocked]) -> set[str]:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


def test_the_first_step_starts_its_operation_and_unit_procedure(batch: Batch, olga: User) -> None:
    services.start_step(actor=olga, step=given.step(batch, "S010"))
    step = given.step(batch, "S010")
    assert step.performer == olga
    statuses = (step.status, step.operation.status, step.operation.unit_procedure.status)
    assert statuses == (State.RUNNING, State.RUNNING, State.RUNNING)


@pytest.mark.req("R-057")
def test_refuses_a_step_before_the_one_it_follows_and_saves_nothing(batch: Batch, olga: User) -> None:
    before = Event.objects.count()
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S020"))
    assert codes(refusal) == {"earlier_step_open"}
    assert given.step(batch, "S020").status == State.IDLE
    assert Event.objects.count() == before


@pytest.mark.req("R-037")
def test_refuses_a_person_without_training_on_this_version(batch: Batch, site: Site) -> None:
    nina = people.a_person(site, "nina", Role.OPERATOR)
    with pytest.raises(NotTrained) as refusal:
        services.start_step(actor=nina, step=given.step(batch, "S010"))
    assert (refusal.value.code, refusal.value.status) == ("training", 403)


def test_refuses_a_person_without_the_right(batch: Batch, quinn: User) -> None:
    with pytest.raises(NotPermitted):
        services.start_step(actor=quinn, step=given.step(batch, "S010"))


@pytest.mark.req("R-069")
def test_a_step_is_started_once(batch: Batch, olga: User, vera: User) -> None:
    step = given.step(batch, "S010")
    services.start_step(actor=olga, step=step)
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=vera, step=step)
    assert "step_not_idle" in codes(refusal)


def test_neighbours_of_a_parallel_group_do_not_wait_for_each_other(site: Site, olga: User) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK))
    given.started(batch, "S130")
    services.start_step(actor=olga, step=given.step(batch, "S140"))
    assert given.step(batch, "S140").status == State.RUNNING


def test_the_run_screen_names_the_open_neighbours_of_a_parallel_group(site: Site, olga: User) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK))
    given.started(batch, "S130")
    assert [each["key"] for each in run_screen(given.step(batch, "S130"), olga)["beside"]] == ["S140"]
    given.done(given.step(batch, "S130"))
    assert run_screen(given.step(batch, "S140"), olga)["beside"] == []


def test_a_window_refuses_what_is_too_early_and_notes_what_is_too_late(site: Site, olga: User) -> None:
    source = given.QUICK.replace("at_most_minutes: 120", "at_least_minutes: 10, at_most_minutes: 120")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, "S150")
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S150"))
    assert codes(refusal) == {"too_early"}
    with given.later(121):
        step = services.start_step(actor=olga, step=given.step(batch, "S150"))
    assert step.exceptions.get().kind == ExceptionKind.LATE


@pytest.mark.req("R-094")
@pytest.mark.parametrize(("minutes", "deviations"), [(60, 0), (61, 1)])
def test_a_start_after_the_hold_limit_opens_a_deviation(site: Site, olga: User, minutes: int, deviations: int) -> None:
    source = given.QUICK.replace("at_most_minutes: 120", "at_most_minutes: 60")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, "S150")
    ended_at = given.step(batch, "S120").ended_at
    assert ended_at is not None
    with time_machine.travel(ended_at + timedelta(minutes=minutes), tick=False):
        step = services.start_step(actor=olga, step=given.step(batch, "S150"))
    assert step.deviations.count() == deviations
    assert step.exceptions.filter(kind=ExceptionKind.LATE, deviation__isnull=False).count() == deviations


@pytest.mark.req("R-093")
def test_graded_work_waits_for_a_cleared_line(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S040")
    clearance = batch.clearances.get()
    assert (clearance.by.username, str(clearance.verified_by)) == ("olga", "Vera Verifier")
    assert (clearance.room.status, clearance.room.batch_id) == ("in_use", batch.id)
    assert [reason.code for reason in reasons_line_in_use(batch)] == ["line_in_use"]
    leave_room(actor=olga, room=clearance.room)
    assert reasons_line_in_use(batch) == []
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S040"))
    assert "room_not_clean" in codes(refusal)


@pytest.mark.req("R-093")
def test_refuses_graded_work_where_no_line_was_cleared(site: Site, olga: User) -> None:
    source = given.SHORT.replace("{id: S010, kind: identity_check,", "{id: S010, grade: C, kind: identity_check,")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S010"))
    assert codes(refusal) == {"no_line_clearance"}
