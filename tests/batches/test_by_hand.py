"""A unit that nobody reaches from here: a person does at it what the step says, and confirms it."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from batches import services
from batches.models import Batch, Step
from batches.queries import run_screen
from batches.states import State
from equipment.models import Command
from equipment.services import confirm_by_hand
from mes.accounts.models import Site, User
from mes.errors import WrongState
from mes.records.models import Event
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", params=["", "file_drop"])
def bound(begin_with: BeginWith, request: pytest.FixtureRequest) -> Iterator[UUID]:
    """A batch at the step that commands the incubator, which was bound before."""
    adapter = request.param

    def warmed() -> UUID:
        site = people.a_site()
        equipment_given.unit(site, "incubator", "INC-1", adapter=adapter, address="somewhere")
        return given.started(given.running_batch(site), "S040").batch_id

    with begin_with(f"by hand {adapter}", warmed) as batch:
        yield batch


@pytest.fixture
def warming(bound: UUID, db: None) -> Step:
    return given.step(given.fresh(Batch(pk=bound)), "S040")


def test_nothing_is_sent_and_the_step_says_what_to_do(warming: Step, olga: User) -> None:
    assert not Command.objects.exists()
    shown = run_screen(warming, olga)
    assert shown["acts"] == ["send"]
    assert shown["equipment"]["bound"]["takes_commands"] is False
    [missing] = shown["missing"]
    assert (missing["code"], "Do it at INC-1" in missing["message"]) == ("command_missing", True)


def test_who_did_it_confirms_and_the_step_goes_on(warming: Step, olga: User) -> None:
    services.send_command(actor=olga, step=warming)
    command = Command.objects.get(step_id=warming.id)
    assert (command.status, command.read_back) == ("confirmed", {"by_hand": "Olga Operator"})
    assert command.setpoints == {"temperature": {"value": "37", "unit": "°C"}}, "what was asked for is on record"
    assert Event.objects.filter(action="equipment.confirm_by_hand", actor_id=olga.pk).count() == 1
    batch: Batch = given.ticked(warming.batch)
    assert given.step(batch, "S040").status == State.COMPLETE
    assert str(warming.commands.get()) == "INC-1 · incubate, at the unit: Olga Operator"


def test_once_is_enough(warming: Step, olga: User) -> None:
    answer = people.client_of(olga).post(f"/api/v1/steps/{warming.pk}/send")
    assert (answer.status_code, answer.json()["command"]["status"]) == (202, "confirmed")
    with pytest.raises(WrongState):
        services.send_command(actor=olga, step=given.step(warming.batch, "S040"))
    assert Command.objects.count() == 1


def test_nobody_speaks_for_a_unit_that_speaks_for_itself(site: Site, olga: User) -> None:
    command = equipment_given.requested(equipment_given.unit(site), "culture")
    with pytest.raises(WrongState):
        confirm_by_hand(actor=olga, command=command)


def test_an_abort_asks_nobody_to_move_it_to_safety(warming: Step, sven: User) -> None:
    signer = people.signer(sven, "commanded")
    services.command_step(actor=sven, step=warming, name="ABORT", reason="Leak", signer=signer)
    assert not Command.objects.exists()
    assert given.step(warming.batch, "S040").status == State.ABORTED
