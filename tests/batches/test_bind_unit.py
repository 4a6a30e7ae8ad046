from collections.abc import Iterator
from uuid import UUID

import pytest

from batches import services
from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, Step, UnitBinding
from batches.queries.missing import reasons_incomplete, words_to_scan
from batches.states import State
from equipment.errors import UnitUnfit
from equipment.models import Command, Unit
from equipment.services import fail_command, send_command, take_unit_out
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import people


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The first step that takes units comes next."""
    with floor_at("S030") as batch:
        yield batch


def codes(refusal: pytest.ExceptionInfo[UnitUnfit]) -> set[str]:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


def out_of_service(site: Site) -> Unit:
    unit = equipment_given.unit(site, "incubator")
    return take_unit_out(actor=people.persona(site, "sven"), unit=unit, reason="Door seal")


def occupied(site: Site) -> Unit:
    unit = equipment_given.unit(site, "incubator")
    equipment_given.occupied(unit)
    return unit


UNFIT = {
    "wrong_class": lambda site: equipment_given.unit(site, "bioreactor"),
    "not_qualified": lambda site: equipment_given.clean(
        equipment_given.calibrated(equipment_given.new_unit(site, "incubator"))
    ),
    "not_calibrated": lambda site: equipment_given.clean(
        equipment_given.qualified(equipment_given.new_unit(site, "incubator"))
    ),
    "not_clean": lambda site: equipment_given.calibrated(
        equipment_given.qualified(equipment_given.new_unit(site, "incubator"))
    ),
    "occupied": occupied,
    "out_of_service": out_of_service,
}


def test_a_unit_that_is_called_as_its_kind_is_asked_for_in_one_word(batch: Batch) -> None:
    asked = {reason.code: reason.message for reason in reasons_incomplete(given.started(batch, "S030"))}
    assert asked["unit_missing"] == "Scan the incubator."


@pytest.mark.parametrize(
    ("unit_class", "alias", "words"),
    [
        ("cell_counter", "counter", "Scan the cell counter."),
        ("incubator", "static_unit", "Scan the incubator (static unit)."),
        ("incubator", "incubator_2", "Scan the incubator (incubator 2)."),
    ],
)
def test_what_the_recipe_calls_a_unit_is_said_where_it_says_more(unit_class: str, alias: str, words: str) -> None:
    assert words_to_scan(unit_class, alias) == words


@pytest.mark.req("R-091")
@pytest.mark.parametrize("reason", UNFIT)
def test_refuses_an_unfit_unit_with_its_reason(batch: Batch, olga: User, site: Site, reason: str) -> None:
    step = given.started(batch, "S030")
    unit = UNFIT[reason](site)
    with pytest.raises(UnitUnfit) as refusal:
        services.bind_unit(actor=olga, step=step, code=unit.barcode)
    assert codes(refusal) == {reason}
    assert not UnitBinding.objects.exists()


@pytest.mark.req("R-091")
def test_a_fit_unit_is_bound_and_taken_for_the_batch(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S030")
    services.bind_unit(actor=olga, step=step, code="INC-1")
    binding = UnitBinding.objects.get()
    assert (binding.alias, binding.unit.code) == ("incubator", "INC-1")
    assert binding.unit.occupancies.get().batch_id == batch.id


@pytest.fixture
def warming(batch: Batch) -> Step:
    """The step that commands the incubator, which was bound before: the command is on its way."""
    return given.started(batch, "S040")


def test_a_commanded_step_waits_for_the_read_back_and_then_completes_by_itself(warming: Step, olga: User) -> None:
    command = Command.objects.get(step_id=warming.id)
    assert command.setpoints == {"temperature": {"value": "37", "unit": "°C"}}
    with pytest.raises(Incomplete):
        services.complete_step(actor=olga, step=warming)
    given.confirmed(warming)
    assert given.step(warming.batch, "S040").status == State.COMPLETE


def test_a_failed_command_holds_the_batch_where_it_matters(warming: Step) -> None:
    gateway = system_user("gateway")
    command = Command.objects.get(step_id=warming.id)
    fail_command(actor=gateway, command=send_command(actor=gateway, command=command), reason="No answer")
    batch = given.ticked(warming.batch)
    assert warming.exceptions.filter(kind=ExceptionKind.EQUIPMENT).count() == 1
    assert batch.status in {State.HOLDING, State.HELD}
