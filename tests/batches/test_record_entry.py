from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from batches import services
from batches.errors import AlreadyRecorded
from batches.models import Batch, Entry, ExceptionKind, Step
from batches.queries.run import run_screen
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import Conflict, InvalidInput, WrongState
from mes.records.models import Event
from tests.given import batches as given
from tests.given import people


@pytest.fixture
def step(batch: Batch) -> Step:
    """The inspection, started."""
    return given.started(batch, "S020")


def record(step: Step, actor: User, name: str, value: str, unit: str = "", **facts: Any) -> Entry:
    return services.record_entry(actor=actor, step=step, name=name, value=value, unit=unit, **facts)


@pytest.mark.req("R-016")
def test_each_value_is_in_the_database_as_soon_as_it_is_entered(step: Step, olga: User) -> None:
    record(step, olga, "volume", "120.5", "mL")
    entry = Entry.objects.get(step=step)
    assert (entry.value, entry.unit, entry.verdict, entry.by) == ("120.5", "mL", "within", olga)
    assert entry.at is not None
    assert entry.event.action == "batches.record_entry"


@pytest.mark.parametrize(
    ("name", "value", "unit", "verdict"),
    [
        ("volume", "49.9", "mL", "out_of_limit"),
        ("volume", "50", "mL", "alert"),
        ("volume", "0.2", "L", "within"),
        ("appearance", "clumps", "", "out_of_limit"),
        ("bag_intact", "no", "", "out_of_limit"),
        ("note", "Label a little smudged", "", "not_judged"),
    ],
)
def test_the_server_judges_each_value(step: Step, olga: User, name: str, value: str, unit: str, verdict: str) -> None:
    assert record(step, olga, name, value, unit).verdict == verdict


@pytest.mark.req("R-059")
@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("viability", "abc", "%"),
        ("viability", "85.55", "%"),
        ("viability", "85", "mL"),
        ("viability", " ", "%"),
        ("appearance", "pink", ""),
        ("bag_intact", "maybe", ""),
        ("weight", "5", "g"),
    ],
)
def test_refuses_what_the_recipe_does_not_ask_for(step: Step, olga: User, name: str, value: str, unit: str) -> None:
    with pytest.raises(InvalidInput):
        record(step, olga, name, value, unit)
    assert not Entry.objects.exists()


@pytest.mark.req("R-004")
def test_a_value_outside_its_limits_is_kept_and_makes_an_exception(step: Step, olga: User) -> None:
    entry = record(step, olga, "volume", "20", "mL")
    found = step.exceptions.get()
    assert (found.kind, found.severity) == (ExceptionKind.OUT_OF_LIMIT, "high")
    assert found.data["value"] == str(entry.id)
    assert "20 mL" in found.text


@pytest.mark.req("R-068")
def test_the_same_entry_sent_three_times_is_recorded_once(step: Step, olga: User) -> None:
    entry_id = uuid4()
    sent = [record(step, olga, "volume", "20", "mL", entry_id=entry_id) for _ in range(3)]
    assert {entry.id for entry in sent} == {entry_id}
    assert Entry.objects.count() == 1
    assert step.exceptions.count() == 1


def test_an_entry_id_is_not_used_for_another_value(step: Step, olga: User) -> None:
    entry_id = uuid4()
    record(step, olga, "volume", "120", "mL", entry_id=entry_id)
    with pytest.raises(Conflict):
        record(step, olga, "volume", "121", "mL", entry_id=entry_id)


@pytest.mark.req("R-069")
def test_a_second_value_does_not_overwrite_the_first(step: Step, olga: User, vera: User) -> None:
    record(step, olga, "volume", "120", "mL")
    with pytest.raises(AlreadyRecorded) as refused:
        record(step, vera, "volume", "130", "mL")
    told = refused.value.details["record"]
    assert (told["label"], told["value"], told["by"]) == ("Volume", "120", "Olga Operator")
    assert Entry.objects.get().value == "120"


def test_nothing_is_recorded_in_a_step_that_does_not_run(batch: Batch, olga: User) -> None:
    with pytest.raises(WrongState):
        record(given.step(batch, "S020"), olga, "volume", "120", "mL")


def test_nothing_is_recorded_while_the_batch_is_held(step: Step, olga: User, site: Site) -> None:
    services.command_batch(actor=olga, batch=step.batch, name="HOLD", reason="Alarm in the room")
    with pytest.raises(WrongState):
        record(step, olga, "volume", "120", "mL")


def test_who_was_slower_is_told_when_the_other_value_was_captured(step: Step, olga: User, vera: User) -> None:
    """Not when it came: a tablet may have kept it longer than the one that is refused."""
    with people.tablet(kept_for=timedelta(minutes=12)):
        entry = record(step, olga, "volume", "120", "mL")
    with pytest.raises(AlreadyRecorded) as refused:
        record(step, vera, "volume", "130", "mL")
    told = datetime.fromisoformat(refused.value.details["record"]["at"])
    assert abs(entry.at - timedelta(minutes=12) - told) < timedelta(seconds=1)


@pytest.mark.parametrize(("minutes", "found"), [(0.9, 0), (12, 1)])
def test_a_value_recorded_without_network_is_shown_to_quality(
    step: Step, olga: User, site: Site, minutes: float, found: int
) -> None:
    kept_for = timedelta(minutes=minutes)
    with people.tablet(kept_for=kept_for):
        entry = record(step, olga, "volume", "120", "mL")
    exceptions = step.exceptions.filter(kind=ExceptionKind.OFFLINE)
    assert exceptions.count() == found
    for exception in exceptions:
        assert exception.text.endswith("kept on the tablet for 12 min without network.")
        assert clock.show(site, entry.done_at - kept_for) in exception.text


def test_a_tablet_whose_clock_is_wrong_was_not_without_network(step: Step, site: Site) -> None:
    """Both times are the tablet's: an hour behind the server, it is no hour late."""
    entered = timezone.now() - timedelta(hours=1)
    client = people.client_of(people.persona(site, "olga"))
    body = {"name": "volume", "value": "120", "unit": "mL"}
    sent = (entered + timedelta(seconds=2)).isoformat()
    clocks = {"Device-Time": sent, "Device-Captured": entered.isoformat()}
    answer = client.post(f"/api/v1/steps/{step.id}/entries", body, format="json", headers=clocks)
    assert answer.status_code == 201, answer.json()
    assert not step.exceptions.exists()


def test_the_last_value_beside_a_field_is_of_the_same_question_in_the_same_part(site: Site, olga: User) -> None:
    again = """          - id: S025
            kind: entry
            title: Look again
            text: Weigh the bag again.
            entries:
              - {id: volume, name: Volume, unit: mL, precision: 1}
              - {id: viability, name: Viability of the rest, unit: "%", precision: 1}
  - id: UP02
"""
    recipe = given.short_recipe(site, given.QUICK.replace("  - id: UP02\n", again, 1))
    batch = given.done_before(given.running_batch(site, recipe=recipe), "S025")
    volume = given.step(batch, "S020").entries.get(name="volume").value
    shown = run_screen(given.started(batch, "S025"), olga)["entries"]
    assert {each["name"]: each["last"] for each in shown} == {"volume": volume, "viability": None}
    given.done_before(batch, "S140")
    [density] = run_screen(given.started(batch, "S140"), olga)["entries"]
    assert density["last"] is None


@pytest.mark.req("R-069")
@pytest.mark.parametrize(("value", "kept"), [("130", 1), ("120.0", 0)])
def test_what_a_tablet_read_beside_the_record_is_kept_for_quality(
    step: Step, olga: User, vera: User, value: str, kept: int
) -> None:
    record(step, olga, "volume", "120", "mL")
    with people.tablet(kept_for=timedelta(minutes=12)), pytest.raises(AlreadyRecorded):
        record(step, vera, "volume", value, "mL")
    found = step.exceptions.filter(kind=ExceptionKind.DISAGREEMENT)
    words = "Volume: 120 mL of Olga Operator is recorded, 130 mL of Vera Verifier came after it."
    assert list(found.values_list("text", flat=True)) == [words] * kept
    told = Event.objects.filter(action="batches.keep_second_value").values_list("actor_name", "data__value")
    assert list(told) == [("Vera Verifier", "130")] * kept
    assert Entry.objects.get().value == "120"
