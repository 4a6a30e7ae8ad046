from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from batches import services, tasks
from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, Step
from batches.services import due
from batches.services.due import due_batches
from batches.states import State
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.records.models import Event
from tests.batches.conftest import FloorAt
from tests.given import batches as given


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The culture comes next."""
    with floor_at("S120") as batch:
        yield batch


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


def test_nothing_completes_while_the_batch_is_held(hold: Step, olga: User) -> None:
    services.command_batch(actor=olga, batch=hold.batch, name="HOLD", reason="Alarm")
    with given.later(60):
        advance(hold.batch)
    assert given.step(hold.batch, "S120").status == State.HELD


def test_the_tick_moves_on_what_is_due(hold: Step) -> None:
    with given.later(60):
        tasks.tick()
    assert given.step(hold.batch, "S120").status == State.COMPLETE


def test_a_batch_that_cannot_be_moved_on_keeps_no_other_waiting(hold: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, moves_on = uuid4(), due.advance_batch

    def advance_or_fail(*, actor: User, batch_id: UUID) -> None:
        if batch_id == broken:
            raise OperationalError("This row is broken.")
        moves_on(actor=actor, batch_id=batch_id)

    monkeypatch.setattr(due, "advance_batch", advance_or_fail)
    monkeypatch.setattr(due, "due_batches", lambda: [broken, hold.batch_id])
    with given.later(60), pytest.raises(ExceptionGroup):
        tasks.tick()
    assert given.step(hold.batch, "S120").status == State.COMPLETE
