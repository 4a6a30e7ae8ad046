import pytest

from batches import services
from batches.models import Batch, Entry, ExceptionKind
from batches.queries import record_of
from batches.states import Command, State
from equipment.models import Command as UnitCommand
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event
from mes.records.queries import events_of
from tests.given import batches as given
from tests.given import people


def command(batch: Batch, actor: User, name: str, reason: str = "") -> Batch:
    signer = people.signer(actor, "commanded")
    material = "quarantine" if name == Command.ABORT else ""
    return services.command_batch(
        actor=actor, batch=batch, name=name, reason=reason, disposition=material, signer=signer
    )


@pytest.fixture
def two_running(site: Site, olga: User) -> Batch:
    """A batch with two steps in work."""
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK))
    given.started(batch, "S130")
    services.start_step(actor=olga, step=given.step(batch, "S140"))
    return given.fresh(batch)


@pytest.mark.req("R-100", "R-098")
def test_a_hold_goes_down_the_tree_and_comes_up_as_held(two_running: Batch, olga: User) -> None:
    services.command_batch(actor=olga, batch=two_running, name=Command.HOLD, reason="Alarm")
    for key in ("S130", "S140"):
        step = given.step(two_running, key)
        assert (step.status, step.operation.status) == (State.HELD, State.HELD)
        assert step.operation.unit_procedure.status == State.HELD
    assert given.fresh(two_running).status == State.HELD
    moves = Event.objects.filter(action="batches.settle").latest("at").moves
    labels = [move["label"] for move in moves]
    assert labels[-1] == str(two_running)
    assert labels.index(str(given.step(two_running, "S130"))) < labels.index(str(two_running))


@pytest.mark.req("R-098")
@pytest.mark.parametrize(
    ("name", "ends"),
    [(Command.PAUSE, State.PAUSED), (Command.STOP, State.STOPPED), (Command.ABORT, State.ABORTED)],
)
def test_acting_states_move_on_by_themselves(batch: Batch, sven: User, name: str, ends: str) -> None:
    given.started(batch, "S010")
    command(batch, sven, name, "To see")
    assert given.fresh(batch).status == ends
    assert given.step(batch, "S010").status == ends


@pytest.mark.req("R-098")
def test_a_held_batch_restarts_into_running(batch: Batch, sven: User) -> None:
    given.started(batch, "S010")
    command(batch, sven, Command.HOLD, "Alarm")
    command(batch, sven, Command.RESTART)
    assert given.fresh(batch).status == State.RUNNING
    assert given.step(batch, "S010").status == State.RUNNING


def test_a_batch_never_restarts_by_itself(batch: Batch, olga: User) -> None:
    services.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason="Alarm")
    with pytest.raises(NotPermitted):
        services.command_batch(actor=system_user("dispatcher"), batch=batch, name=Command.RESTART)
    given.ticked(batch)
    assert given.fresh(batch).status == State.HELD


@pytest.mark.req("R-099")
def test_a_transition_is_stored_with_everything_about_it(batch: Batch, olga: User) -> None:
    services.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason="Alarm in room CR-1")
    event = events_of(batch).get(action="batches.command_batch", to_state=State.HOLDING)
    assert (event.from_state, event.actor_name, event.reason) == (
        State.RUNNING,
        "Olga Operator",
        "Alarm in room CR-1",
    )
    assert event.at is not None
    assert event.moves[0] | {"label": ""} == {
        "subject": str(batch.id),
        "label": "",
        "move": "HOLD",
        "from": "RUNNING",
        "to": "HOLDING",
    }


@pytest.mark.req("R-099")
def test_refuses_a_hold_without_a_reason_and_changes_nothing(batch: Batch, olga: User) -> None:
    before = Event.objects.count()
    with pytest.raises(InvalidInput):
        services.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason=" ")
    assert given.fresh(batch).status == State.RUNNING
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", [Command.STOP, Command.ABORT])
def test_the_end_of_a_batch_is_signed(batch: Batch, sven: User, name: str) -> None:
    with pytest.raises(SignatureRefused):
        services.command_batch(actor=sven, batch=batch, name=name, reason="Contaminated")


def test_an_operator_may_hold_but_not_abort(batch: Batch, olga: User) -> None:
    with pytest.raises(NotPermitted):
        command(batch, olga, Command.ABORT, "Contaminated")


@pytest.mark.req("R-088")
def test_an_interruption_is_an_exception(batch: Batch, olga: User) -> None:
    services.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason="Alarm")
    found = batch.exceptions.get()
    assert (found.kind, "Alarm" in found.text) == (ExceptionKind.INTERRUPTED, True)


@pytest.mark.req("R-100")
def test_a_parent_completes_only_with_all_its_needed_children(batch: Batch) -> None:
    given.done_before(batch, "S020")
    step = given.step(batch, "S020")
    assert step.operation.status == State.RUNNING
    given.done(step)
    assert given.step(batch, "S020").operation.status == State.COMPLETE
    assert given.fresh(batch).status == State.RUNNING


@pytest.mark.req("R-101")
def test_a_reset_opens_a_new_attempt_and_leaves_the_first_as_it_was(batch: Batch, olga: User, sven: User) -> None:
    step = given.started(batch, "S020")
    first = services.record_entry(actor=olga, step=step, name="volume", value="120", unit="mL")
    for name in (Command.ABORT, Command.RESET):
        services.command_step(
            actor=sven,
            step=given.step(batch, "S020"),
            name=name,
            reason="The scale was not tared",
            signer=people.signer(sven, "commanded"),
        )
    step = services.start_step(actor=olga, step=given.step(batch, "S020"))
    assert (step.attempt, step.status) == (2, State.RUNNING)
    services.record_entry(actor=olga, step=step, name="volume", value="125", unit="mL")
    values = Entry.objects.filter(step=step).order_by("at").values_list("attempt", "value")
    assert list(values) == [(1, "120"), (2, "125")]
    assert Entry.objects.get(pk=first.pk).at == first.at


def test_the_unit_of_an_aborted_step_is_made_safe_before_the_step_is_aborted(batch: Batch, sven: User) -> None:
    given.done_before(batch, "S040")
    step = given.started(batch, "S040")
    services.bind_unit(actor=people.persona(batch.site, "olga"), step=step, code="INC-1")
    signer = people.signer(sven, "commanded")
    services.command_step(actor=sven, step=step, name=Command.ABORT, reason="It smokes", signer=signer)
    safe = UnitCommand.objects.get(step_id=step.id, to_safety=True)
    assert (safe.name, given.step(batch, "S040").status) == ("incubate", State.ABORTING)
    given.confirmed(step)
    assert given.step(batch, "S040").status == State.ABORTED


@pytest.mark.req("R-101")
def test_signatures_of_the_first_attempt_stay_valid_in_the_record(batch: Batch, sven: User) -> None:
    given.done_before(batch, "S020")
    command(given.fresh(batch), sven, Command.ABORT, "Contaminated")
    command(given.fresh(batch), sven, Command.RESET, "Try again with the reserve")
    step = next(each for each in record_of(given.fresh(batch)).steps if each.key == "S010")
    assert step.status == State.IDLE
    assert [attempt.number for attempt in step.attempts] == [1, 2]
    assert [line.valid for line in step.attempts[0].signatures] == [True]
    assert step.attempts[1].signatures == []


def test_a_step_is_not_started_by_command(batch: Batch, sven: User) -> None:
    with pytest.raises(InvalidInput):
        services.command_step(actor=sven, step=given.step(batch, "S010"), name=Command.START)


def test_a_step_of_a_complete_operation_is_not_repeated(batch: Batch, sven: User) -> None:
    given.done_before(batch, "S030")
    with pytest.raises(WrongState):
        services.command_step(
            actor=sven,
            step=given.step(batch, "S010"),
            name=Command.RESET,
            reason="Again",
            signer=people.signer(sven, "commanded"),
        )


@pytest.mark.req("R-098")
@pytest.mark.parametrize(("stopped", "name"), [(Command.PAUSE, Command.RESUME), (Command.HOLD, Command.RESTART)])
def test_a_step_does_not_go_on_alone_in_a_batch_that_stands(batch: Batch, sven: User, stopped: str, name: str) -> None:
    given.started(batch, "S010")
    command(batch, sven, stopped, "Alarm")
    with pytest.raises(WrongState, match="Let the batch go on"):
        services.command_step(
            actor=sven, step=given.step(batch, "S010"), name=name, signer=people.signer(sven, "commanded")
        )
    assert given.step(batch, "S010").status != State.RUNNING


@pytest.mark.req("R-048")
def test_the_signature_of_a_restart_stays_valid_as_the_work_goes_on(batch: Batch, olga: User, sven: User) -> None:
    step = given.started(batch, "S020")
    services.record_entry(actor=olga, step=step, name="volume", value="120", unit="mL")
    services.command_batch(actor=olga, batch=given.fresh(batch), name=Command.HOLD, reason="Alarm")
    command(given.fresh(batch), sven, Command.RESTART)
    services.command_step(actor=olga, step=given.step(batch, "S020"), name=Command.HOLD, reason="Alarm again")
    services.command_step(
        actor=sven, step=given.step(batch, "S020"), name=Command.RESTART, signer=people.signer(sven, "commanded")
    )
    given.done(given.step(batch, "S020"))

    record = record_of(given.fresh(batch))
    step_record = next(each for each in record.steps if each.key == "S020")
    signed = [*record.signatures, *step_record.attempts[0].signatures]
    assert [line.command for line in signed if line.meaning == "commanded"] == ["RESTART", "RESTART"]
    assert {(line.valid, line.standing, line.note) for line in signed} == {(True, "valid", "")}
