from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from batches import services
from batches.errors import AlreadyRecorded, ReadingsDisagree
from batches.models import Batch, Entry, ExceptionKind, Reading, Step
from batches.queries import run_screen
from batches.run_page import screen
from batches.states import State
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
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
    volume: dict[str, Any] = {
        "name": "vector_volume",
        "label": "Vector volume",
        "unit": "mL",
        "type": "number",
        "choices": [],
    }
    volume |= {"goes_below_zero": False}
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


@pytest.mark.ux("OP-16")
def test_nobody_looks_over_the_shoulder_of_whoever_reads_first(batch: Batch, olga: User, vera: User) -> None:
    """At a second tablet the values are hidden before the first signature, too; whoever takes over has seen them."""
    step = given.prepared(given.started(batch, "S100"))
    shown = run_screen(step, vera)
    assert (shown["values_hidden"], shown["results"], shown["exceptions"]) == (True, [], [])
    assert screen(shown, full_credential=False, may_command=False)["panel"] == "taken"
    assert run_screen(step, olga)["values_hidden"] is False

    services.take_over_step(actor=vera, step=step)
    assert run_screen(given.step(batch, "S100"), vera)["values_hidden"] is False
    services.take_over_step(actor=olga, step=step)
    services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    with pytest.raises(NotPermitted, match="Whoever took over this step has seen its values"):
        verify(given.step(batch, "S100"), vera, readings={"vector_volume": "99"})


@pytest.mark.req("R-069")
def test_the_value_of_a_slower_tablet_is_not_told_what_the_first_one_read(site: Site, olga: User, vera: User) -> None:
    """Who was slower may be the one who reads it blind: they learn whose value counts, and not what it is."""
    alone, together = (
        "required: false}\n            signature: " + policy for policy in ("performed", "verified_blind")
    )
    recipe = given.short_recipe(site, given.SHORT.replace(alone, together, 1))
    control = given.started(given.running_batch(site, recipe=recipe), "S020")
    record: dict[str, Any] = {"step": control, "name": "concentration", "unit": "cell/mL"}
    services.record_entry(actor=olga, value="2000000", **record)
    with people.tablet(kept_for=timedelta(minutes=1)), pytest.raises(AlreadyRecorded) as refused:
        services.record_entry(actor=vera, value="2100000", **record)
    assert str(refused.value).startswith("Olga Operator recorded “Cell density” before this came.")
    assert "2000000" not in str(refused.value.details)
    assert control.exceptions.filter(kind=ExceptionKind.DISAGREEMENT).count() == 1


def test_the_screen_names_who_signed_not_who_began(batch: Batch, olga: User, vera: User) -> None:
    step = given.prepared(given.started(batch, "S100"))
    services.take_over_step(actor=vera, step=step)
    services.complete_step(actor=vera, step=step, signer=people.signer(vera, "performed"))
    shown = run_screen(given.step(batch, "S100"), vera)
    assert screen(shown, full_credential=False, may_command=False)["signer"] == "Vera Verifier"
    assert shown["performer"] == "Olga Operator"
