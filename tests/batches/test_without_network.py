"""What arrives later than it was captured: within the budget of the recipe, and beyond it."""

from datetime import timedelta

import pytest

from batches import services
from batches.models import Batch, BatchException, ExceptionKind, Step
from batches.queries.without_network import budget_of
from chain_of_identity.errors import WrongBag
from mes.accounts.models import Site, User
from mes.records.models import Event
from recipes.document import WithoutNetwork
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people

HEADER = "  change: First version.\n"
LONG = timedelta(minutes=40)


def found(step: Step) -> BatchException:
    return step.exceptions.get(kind=ExceptionKind.OFFLINE)


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S020")


def record(step: Step, actor: User) -> None:
    services.record_entry(actor=actor, step=step, name="volume", value="120", unit="mL")


def test_what_was_captured_within_the_budget_is_a_low_exception(step: Step, olga: User) -> None:
    with people.tablet(kept_for=LONG, apart=timedelta(minutes=14), steps=3):
        record(step, olga)
    assert (found(step).severity, found(step).data["beyond"]) == ("low", [])


@pytest.mark.parametrize(
    ("apart", "steps", "kept_for", "words"),
    [
        (timedelta(minutes=22), 1, LONG, "captured 22 min after the network was lost, where the recipe allows 15"),
        (timedelta(minutes=22), 1, timedelta(seconds=5), "captured 22 min after the network was lost"),
        (timedelta(minutes=2), 4, LONG, "captured in 4 steps without network, where the recipe allows 3"),
        (None, 0, LONG, "captured 40 min after the network was lost"),
        (timedelta(minutes=2), 1, -LONG, "the clock of the tablet was set back by at least 40 min"),
    ],
)
def test_what_was_captured_beyond_the_budget_is_a_graver_one(
    step: Step, olga: User, apart: timedelta | None, steps: int, kept_for: timedelta, words: str
) -> None:
    with people.tablet(kept_for=kept_for, apart=apart, steps=steps):
        record(step, olga)
    exception = found(step)
    assert exception.severity == "medium"
    assert [words in each for each in exception.data["beyond"]] == [True]


def test_a_recipe_sets_its_own_budget(site: Site, olga: User) -> None:
    source = given.SHORT.replace(HEADER, f"{HEADER}  offline: {{minutes: 60, steps: 1}}\n")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    assert budget_of(batch.pk) == WithoutNetwork(minutes=60, steps=1)
    step = given.started(batch, "S020")
    with people.tablet(kept_for=LONG, apart=LONG, steps=1):
        record(step, olga)
    assert found(step).severity == "low"


def test_what_was_captured_in_a_step_for_network_only_is_beyond_the_budget(site: Site, olga: User) -> None:
    source = given.SHORT.replace(
        "            title: Inspect the bag\n", "            title: Inspect\n            online_only: true\n"
    )
    step = given.started(given.running_batch(site, recipe=given.short_recipe(site, source)), "S020")
    with people.tablet(kept_for=LONG, apart=timedelta(minutes=2), steps=1):
        record(step, olga)
    assert found(step).data["beyond"] == ["the step is done with network only"]


def test_every_act_of_a_step_is_seen_and_keeps_both_clocks(batch: Batch, olga: User) -> None:
    step = given.step(batch, "S010")
    with people.tablet(kept_for=LONG, apart=timedelta(minutes=2), steps=1):
        services.start_step(actor=olga, step=step)
        bag = identity_given.bag_of(step.batch.order)
        services.scan_for_step(actor=olga, step=step, code=bag.label)
    texts = list(step.exceptions.filter(kind=ExceptionKind.OFFLINE).values_list("text", flat=True))
    assert [text.split(" was captured")[0] for text in texts] == ["The start", f"The scan of {bag.label}"]
    for action in ("batches.start_step", "batches.scan"):
        event = Event.objects.filter(action=action).latest("at")
        assert event.data["device_at"] < event.data["device_sent_at"] <= event.at.isoformat()
    assert Event.objects.filter(action="chain_of_identity.scan").latest("at").parent_id == event.id


def test_a_wrong_bag_that_was_stopped_without_network_stops_the_batch_when_it_arrives(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S010")
    other = identity_given.bag_of(identity_given.received_order(step.site))
    with people.tablet(kept_for=LONG, apart=timedelta(minutes=2), steps=1), pytest.raises(WrongBag):
        services.scan_for_step(actor=olga, step=step, code=other.label)
    assert given.fresh(batch).status == "HELD"
    assert step.exceptions.filter(kind=ExceptionKind.WRONG_BAG).exists()
    assert found(step).text.startswith(f"The scan of {other.label} was captured")
