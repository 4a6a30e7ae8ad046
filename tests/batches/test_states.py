"""The ISA-88 table, cell by cell, as data and on real batches and steps."""

import csv
from pathlib import Path

import pytest
from django.db import transaction

from batches.services.elements import Element
from batches.states import ISA88, STATE_COMPLETE, Command, State
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, WrongState
from mes.records.services import act
from mes.records.signing import Signer
from tests.given import batches as given
from tests.given import people

TABLE = Path(__file__).parent / "data" / "isa88_transitions.csv"
CELLS = list(csv.DictReader(TABLE.read_text().splitlines()))
ALLOWED = {(cell["from_state"], cell["trigger"]): cell["to_state"] for cell in CELLS if cell["allowed"] == "1"}
# How to get there from IDLE.
WAYS: dict[str, tuple[str, ...]] = {
    State.IDLE: (),
    State.RUNNING: (Command.START,),
    State.PAUSING: (Command.START, Command.PAUSE),
    State.PAUSED: (Command.START, Command.PAUSE, STATE_COMPLETE),
    State.HOLDING: (Command.START, Command.HOLD),
    State.HELD: (Command.START, Command.HOLD, STATE_COMPLETE),
    State.RESTARTING: (Command.START, Command.HOLD, STATE_COMPLETE, Command.RESTART),
    State.COMPLETE: (Command.START, STATE_COMPLETE),
    State.STOPPING: (Command.START, Command.STOP),
    State.STOPPED: (Command.START, Command.STOP, STATE_COMPLETE),
    State.ABORTING: (Command.START, Command.ABORT),
    State.ABORTED: (Command.START, Command.ABORT, STATE_COMPLETE),
}


@pytest.mark.req("R-097", "R-098")
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell['from_state']}-{cell['trigger']}")
def test_the_table_is_that_of_the_standard(cell: dict[str, str]) -> None:
    if cell["allowed"] == "1":
        assert ISA88.find(cell["trigger"], cell["from_state"]).target == cell["to_state"]
    else:
        with pytest.raises(WrongState):
            ISA88.find(cell["trigger"], cell["from_state"])


def test_the_table_has_nothing_the_standard_has_not() -> None:
    ours = {(cell.name, source) for cell in ISA88.transitions for source in cell.sources}
    assert ours == {(trigger, source) for source, trigger in ALLOWED}
    assert set(WAYS) == set(State)


@pytest.fixture
def elements(site: Site) -> tuple[Element, ...]:
    """An idle batch and an idle step."""
    batch = given.issued_batch(site)
    return batch, given.step(batch, "S010")


@pytest.mark.req("R-097", "R-098")
def test_every_command_in_every_state_of_batch_and_step(elements: tuple[Element, ...], sven: User) -> None:
    signer = people.signer(sven, "commanded")
    tried = [
        _tried(element, state, command, sven, signer) for element in elements for state in State for command in Command
    ]
    expected = [
        ALLOWED.get((state, command), f"refused in {state}") for _ in elements for state in State for command in Command
    ]
    assert tried == expected
    assert len(tried) == 2 * 96
    assert sum(not outcome.startswith("refused") for outcome in tried) == 2 * 25


def _tried(element: Element, state: str, command: str, actor: User, signer: Signer) -> str:
    """The state after the command, or that it was refused and the state is still the same."""
    fresh = type(element).objects.get(pk=element.pk)
    with transaction.atomic():
        with act(actor, "test.command", site=fresh.site, subject=fresh, reason="to see") as event:
            for name in WAYS[state]:
                ISA88.move(fresh, name, event=event, signers=[signer])
            try:
                ISA88.move(fresh, command, event=event, signers=[signer])
            except WrongState:
                outcome = f"refused in {_status(fresh)}"
            else:
                outcome = _status(fresh)
        transaction.set_rollback(True)
    return outcome


def _status(element: Element) -> str:
    return str(type(element).objects.values_list("status", flat=True).get(pk=element.pk))


@pytest.mark.req("R-099")
@pytest.mark.parametrize("command", [Command.HOLD, Command.STOP, Command.ABORT, Command.RESET])
def test_refuses_an_interruption_without_a_reason(elements: tuple[Element, ...], sven: User, command: str) -> None:
    batch = elements[0]
    signer = people.signer(sven, "commanded")
    way = WAYS[State.COMPLETE] if command == Command.RESET else WAYS[State.RUNNING]
    with pytest.raises(InvalidInput), act(sven, "test", site=batch.site, subject=batch, reason=" ") as event:
        for name in way:
            ISA88.move(batch, name, event=event, signers=[signer])
        ISA88.move(batch, command, event=event, signers=[signer])
