from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from batches import services
from batches.errors import ReadingsDisagree
from batches.models import Batch, Entry, ExceptionKind, Reading, Step
from batches.queries import run_screen
from batches.states import State
from mes.accounts.models import User
from mes.errors import InvalidInput
from mes.records.queries import is_signed
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The blind reading comes next."""
    with floor_at("S100") as batch:
        yield batch


def verify(step: Step, verifier: User, **facts: Any) -> Step:
    signer = people.signer(verifier, "verified")
    return services.verify_step(actor=verifier, step=step, verifier=signer, **facts)


@pytest.fixture
def blind(batch: Batch, olga: User) -> Step:
    """The computed vector volume that a second person has to compute again."""
    step = given.prepared(given.started(batch, "S100"))
    services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    return given.step(batch, "S100")


@pytest.mark.ux("OP-16")
def test_a_blind_verifier_does_not_see_the_first_value(blind: Step, vera: User, olga: User) -> None:
    shown = run_screen(blind, vera)
    assert (shown["values_hidden"], shown["results"], shown["manifest"]) == (True, [], {})
    assert shown["blind_names"] == ["vector_volume"]
    volume = {"name": "vector_volume", "label": "Vector volume", "unit": "mL", "type": "number", "choices": []}
    assert shown["blind_asked"] == [volume]
    assert [each["label"] for each in run_screen(blind, olga)["results"]] == ["Vector volume"]
    assert run_screen(blind, olga, shared=True)["results"] == []


@pytest.mark.req("R-089")
def test_a_blind_reading_that_agrees_completes_the_step(blind: Step, vera: User) -> None:
    value = blind.calculated.get().shown
    assert verify(blind, vera, readings={"vector_volume": f"{value}0"}).status == State.COMPLETE
    assert Entry.objects.get(reading=Reading.SECOND).by == vera


def test_readings_that_disagree_are_both_kept_and_nothing_is_signed(blind: Step, vera: User) -> None:
    with pytest.raises(ReadingsDisagree):
        verify(blind, vera, readings={"vector_volume": "99"})
    step = given.step(blind.batch, "S100")
    assert step.status == State.RUNNING
    assert not is_signed(step, "verified")
    assert Entry.objects.get(reading=Reading.SECOND).value == "99"
    assert step.exceptions.get().kind == ExceptionKind.DISAGREEMENT
    assert step.exceptions.get().text.startswith("Vector volume: ")
    assert run_screen(step, vera)["exceptions"] == []  # its words hold both values


def test_a_blind_verifier_has_to_give_a_reading(blind: Step, vera: User) -> None:
    for readings in ({}, {"vector_volume": ""}):
        with pytest.raises(InvalidInput, match="The second person enters: Vector volume"):
            verify(blind, vera, readings=readings)
