"""A demonstration that was broken off gives back what it took, and the next one finds the floor free."""

from pathlib import Path

import pytest

from batches.models import Batch
from equipment.models import Occupancy, Room
from scheduling.models import Slot
from tests.journeys.house import House
from tools.demo import leaving
from tools.demo.batch import Manufacture
from tools.demo.journey import Journey
from tools.demo.scripts import CART_A
from tools.demo.stage import moment


@pytest.fixture(scope="module")
def plant() -> None:
    """What is broken off needs no machine of its own."""


@pytest.fixture(autouse=True)
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(leaving, "NOTE", tmp_path / "demo" / "under-way.json")
    return leaving.NOTE


def test_a_place_whose_batch_was_not_issued_is_given_back(house: House, note: Path) -> None:
    slot = Journey.ordered(house, "Ana Muster", CART_A).plan()
    leaving.note(slot)
    leaving.clear_up(house)
    assert Slot.objects.get(pk=slot["id"]).status == "cancelled"
    assert not note.exists()


def test_a_batch_under_way_is_ended_and_leaves_its_units_and_its_room_clean(house: House, note: Path) -> None:
    journey = Journey.ordered(house, "Ben Muster", CART_A)
    stranger = Journey.ordered(house, "Cem Muster", CART_A).labelled_bag()
    slot = journey.plan()
    leaving.note(slot)
    house.wait_until(moment(slot["collection_start"]))
    journey.collect()
    journey.deliver()
    manufacture = Manufacture(house, journey, slot, stranger)
    work_until(house, manufacture, "S100")
    assert Room.objects.filter(batch_id=slot["batch_id"]).exists()

    leaving.clear_up(house)

    assert Batch.objects.get(pk=slot["batch_id"]).status == "ABORTED"
    assert not Occupancy.objects.filter(batch_id=slot["batch_id"], until=None).exists()
    assert not Room.objects.exclude(status="clean").exclude(code="CR-103").exists()
    assert not note.exists()


def test_nothing_to_clear_up_is_the_usual_case(house: House) -> None:
    before = Batch.objects.count()
    leaving.clear_up(house)
    assert Batch.objects.count() == before


def work_until(house: House, manufacture: Manufacture, key: str) -> None:
    house.wait_until(moment(manufacture.slot["start"]))
    batch = manufacture.issue()
    manufacture.floor = manufacture.equip(batch)
    house["olga"].post(f"{manufacture.path}/commands", {"command": "START"})
    for step in batch["steps"]:
        manufacture.do(step["id"], step["key"])
        if step["key"] == key:
            return
