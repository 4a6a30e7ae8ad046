import pytest

from batches import services, tasks
from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, Step
from batches.services.due import due_batches
from batches.states import State
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.records.models import Event
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given.recipes import changed


@pytest.fixture
def hold(batch: Batch) -> Step:
    """An hour of culture, begun."""
    return given.prepared_or_waiting(given.started(batch, "S120"))


def advance(batch: Batch) -> None:
    services.advance_batch(actor=system_user("dispatcher"), batch_id=batch.id)


def test_a_hold_is_a_row_with_its_deadline(hold: Step) -> None:
    assert hold.started_at is not None
    assert hold.due_at is not None
    minutes = (hold.due_at - hold.started_at).total_seconds() / 60
    assert minutes == 60
    assert due_batches() == []


def test_a_hold_cannot_be_ended_before_its_tolerance(hold: Step, olga: User) -> None:
    with given.later(49), pytest.raises(Incomplete) as refusal:
        services.complete_step(actor=olga, step=hold)
    assert [reason["code"] for reason in refusal.value.details["reasons"]] == ["too_early"]


def test_a_hold_completes_by_itself_when_its_time_has_come(hold: Step) -> None:
    with given.later(60):
        assert due_batches() == [hold.batch_id]
        advance(hold.batch)
    step = given.step(hold.batch, "S120")
    assert step.status == State.COMPLETE
    assert not step.exceptions.exists()


@pytest.mark.req("R-068")
def test_a_task_delivered_three_times_does_its_work_once(hold: Step) -> None:
    with given.later(60):
        for _ in range(3):
            advance(hold.batch)
    moves = [
        move
        for event in Event.objects.filter(batch_id=hold.batch_id)
        for move in event.moves
        if move["subject"] == str(hold.id) and move["to"] == State.COMPLETE
    ]
    assert len(moves) == 1


def test_a_hold_that_ends_too_late_is_an_exception(hold: Step) -> None:
    with given.later(71):
        advance(hold.batch)
    step = given.step(hold.batch, "S120")
    assert step.status == State.COMPLETE
    assert step.exceptions.get().kind == ExceptionKind.LATE


def test_a_hold_whose_unit_is_named_after_its_time_ends_then(site: Site, olga: User) -> None:
    """A tablet that lost its network in between must not leave the step waiting until it is late."""
    source = changed(given.SHORT, "grade: C}", "grade: C}\n  - {as: shelf, class: incubator, grade: C}")
    source = changed(source, "temperature., equipment: incubator,", "temperature., equipment: shelf,")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    shelf = equipment_given.unit(site, "incubator", "INC-9")
    step = given.started(batch, "S120")
    with given.later(61):
        advance(batch)
        assert given.step(batch, "S120").status == State.RUNNING
        services.bind_unit(actor=olga, step=step, code=shelf.code)
        assert due_batches() == [batch.id]
        advance(batch)
    assert given.step(batch, "S120").status == State.COMPLETE


def test_nothing_completes_while_the_batch_is_held(hold: Step, olga: User) -> None:
    services.command_batch(actor=olga, batch=hold.batch, name="HOLD", reason="Alarm")
    with given.later(60):
        advance(hold.batch)
    assert given.step(hold.batch, "S120").status == State.HELD


def test_the_tick_hands_out_what_is_due(hold: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr(tasks.advance, "delay", handed.append)
    with given.later(60):
        tasks.tick()
    assert handed == [str(hold.batch_id)]


def test_a_calculation_nobody_signs_is_made_when_its_turn_comes(batch: Batch, site: Site) -> None:
    given.done_before(batch, "S080")
    step = given.step(batch, "S070")
    assert step.status == State.COMPLETE
    assert step.performer is None
    assert step.calculated.get().by.username == "system:dispatcher"


def test_a_commanded_hold_lasts_its_whole_time_not_its_tolerance_less(site: Site, olga: User) -> None:
    source = given.SHORT.replace(
        "hold: {minutes: 60,",
        "command: {name: incubate, setpoints: {temperature: {parameter: temperature}}}, hold: {minutes: 60,",
    )
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    hold = given.started(batch, "S120")
    given.confirmed(hold)
    with given.later(55):
        advance(batch)
    assert given.step(batch, "S120").status == State.RUNNING
    with given.later(60):
        advance(batch)
    assert given.step(batch, "S120").status == State.COMPLETE


def test_waiting_for_a_unit_leaves_no_event(batch: Batch) -> None:
    given.started(batch, "S040")
    before = Event.objects.count()
    advance(batch)
    assert Event.objects.count() == before
