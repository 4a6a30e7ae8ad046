"""The demonstration site is a living product the first time it is opened: everybody finds something to do."""

import pytest

from batches.models import Batch, Step
from equipment.models import Room, Unit
from equipment.queries import reasons_unfit
from materials.models import Lot
from materials.states import LotStatus
from mes import clock, demonstration
from mes.accounts.models import User
from mes.demonstration import PEOPLE
from mes.pages.panels import home_of
from mes.records.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration_site")]


WITH_WORK = [persona.username for persona in PEOPLE if persona.username != "anna"]


@pytest.mark.parametrize("username", WITH_WORK)
def test_everybody_has_a_next_action(username: str) -> None:
    assert home_of(User.objects.get(username=username)).next is not None


def test_the_operator_is_sent_to_the_values_and_not_to_the_cells_that_grow() -> None:
    home = home_of(User.objects.get(username="olga"))
    assert home.next is not None
    assert home.next.title == "Record the incoming count"


def test_one_batch_grows_another_waits_for_values_and_two_are_planned() -> None:
    assert list(Batch.objects.order_by("number").values_list("status", flat=True)) == [
        "RUNNING",
        "RUNNING",
        "IDLE",
        "IDLE",
    ]
    in_work = Step.objects.filter(status="RUNNING").order_by("batch__number")
    assert list(in_work.values_list("key", flat=True)) == ["S190", "S050"]


def test_a_lot_of_every_status_is_in_the_store() -> None:
    assert set(Lot.objects.values_list("status", flat=True)) == set(LotStatus.values)


def test_a_free_room_with_a_fit_processor_is_left_for_others() -> None:
    taken = Room.objects.exclude(status="clean").values_list("code", flat=True)
    assert list(taken) == ["CR-103"]
    processor = Unit.objects.get(code="PROC-1")
    assert reasons_unfit(processor, class_code="cell_processor", batch_id=None, at=clock.now(processor.site)) == []


def test_the_records_of_the_second_start_are_those_of_the_first() -> None:
    before = Event.objects.count()
    assert demonstration.load() is None
    assert Event.objects.count() == before
