"""Two tablets on one step: who is on it, how it is taken over, and that nobody's entries are lost by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from batches import services
from batches.holding import START, TAKE_OVER, Deed, Holder, Place, holder_of
from batches.models import Batch, Step
from batches.queries.floor import floor_of
from batches.queries.run import run_screen
from batches.run_page import panel_of
from mes.accounts.models import Site, User
from mes.errors import WrongState
from mes.records.models import Event
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import people
from tests.given.equipment import Registered
from tests.given.people import client_of

pytestmark = pytest.mark.django_db
A, B = Place(uuid4(), "T-01"), Place(uuid4(), "T-02")
ENTRY = "batches.record_entry"


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    with floor_at("S020") as batch:
        yield batch


@pytest.fixture
def step(batch: Batch) -> Step:
    """Olga has just started it."""
    return given.started(batch, "S020")


def at(minute: float) -> datetime:
    return datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(minutes=minute)


def after(*deeds: tuple[str, Place, float], now: float) -> Holder | None:
    return holder_of([Deed(action, place, "", at(minute)) for action, place, minute in deeds], at(now))


def who(*deeds: tuple[str, Place, float], now: float) -> Place | None:
    found = after(*deeds, now=now)
    return found.place if found else None


def test_who_started_is_on_the_step_until_ten_minutes_pass_without_an_act() -> None:
    assert who((START, A, 0), now=10) == A
    assert who((START, A, 0), now=10.1) is None
    assert who((START, A, 0), (ENTRY, A, 9), now=18) == A


def test_what_comes_from_somebody_else_meanwhile_changes_nothing() -> None:
    assert who((START, A, 0), (ENTRY, B, 5), now=6) == A
    assert who((START, A, 0), (TAKE_OVER, B, 5), (ENTRY, A, 6), now=7) == B, "A's tablet still had it"


def test_who_first_does_something_in_a_free_step_is_on_it() -> None:
    assert who((START, A, 0), (ENTRY, B, 20), (ENTRY, A, 21), now=22) == B
    assert who((START, A, 0), (ENTRY, B, 8), now=15) is None, "what was done meanwhile was no beginning"


def test_whoever_was_there_is_told_that_it_was_taken_over() -> None:
    taken = after((START, A, 0), (TAKE_OVER, B, 5), now=6)
    assert taken is not None
    assert taken.has_taken_over_from(A)
    assert not taken.has_taken_over_from(Place(uuid4(), "T-03"))


def test_two_people_at_one_terminal_follow_each_other() -> None:
    next_one = Place(uuid4(), A.tablet)
    assert not A.is_elsewhere(next_one)
    assert who((START, A, 0), (ENTRY, next_one, 5), now=6) == next_one


def test_one_person_is_in_two_places_only_where_both_are_known() -> None:
    assert A.is_elsewhere(Place(A.person_id, "T-02"))
    assert not A.is_elsewhere(Place(A.person_id, ""))


def test_a_second_person_reads_and_takes_over(step: Step, olga: User, vera: User) -> None:
    shown = run_screen(step, vera)
    assert (panel_of(shown), shown["holder"]["words"]) == ("taken", "Olga Operator is on this step.")
    assert run_screen(step, olga)["holder"] is None
    services.take_over_step(actor=vera, step=step)
    event = Event.objects.get(action=TAKE_OVER)
    assert (event.actor_name, event.data["from"]) == ("Vera Verifier", "Olga Operator")
    assert panel_of(run_screen(given.step(step.batch, "S020"), vera)) == "entry"
    told = run_screen(given.step(step.batch, "S020"), olga)
    assert str(told["holder"]["words"]).startswith("Vera Verifier took over at ")
    assert str(told["holder"]["words"]).endswith(". Your entries are kept.")


def test_what_the_first_tablet_had_not_sent_is_recorded_as_its_authors(step: Step, olga: User, vera: User) -> None:
    services.take_over_step(actor=vera, step=step)
    with people.tablet(kept_for=timedelta(minutes=1)):
        entry = services.record_entry(actor=olga, step=step, name="volume", value="120", unit="mL")
    assert entry.by == olga
    assert run_screen(given.step(step.batch, "S020"), olga)["holder"]["person"] == "Vera Verifier"


def test_who_is_handed_the_batch_at_a_step_is_on_it(step: Step, olga: User, vera: User) -> None:
    services.hand_over(actor=olga, step=step, to=vera)
    assert run_screen(given.step(step.batch, "S020"), vera)["holder"] is None
    assert run_screen(given.step(step.batch, "S020"), olga)["holder"]["person"] == "Vera Verifier"


def test_nobody_takes_over_from_themselves(step: Step, olga: User) -> None:
    with pytest.raises(WrongState):
        services.take_over_step(actor=olga, step=step)


def test_a_step_that_does_not_run_is_not_taken_over(batch: Batch, vera: User) -> None:
    with pytest.raises(WrongState):
        services.take_over_step(actor=vera, step=given.step(batch, "S020"))


def test_a_second_signature_is_no_taking_over(step: Step, vera: User) -> None:
    shown = run_screen(step, vera) | {"acts": ["verify", "correct"]}
    assert panel_of(shown) == "verify"


def terminal(batch: Batch, code: str) -> Registered:
    return equipment_given.terminal(site=batch.site, code=code)


def call(user: User, step: Step, path: str, registered: Registered) -> Any:
    client = client_of(user)
    address = f"/api/v1/steps/{step.id}{path}"
    return (client.post if path else client.get)(address, headers=registered.headers)


@pytest.mark.req("R-058")
def test_one_persons_two_tablets_are_told_apart_by_their_keys(batch: Batch, olga: User, sven: User) -> None:
    first, second = terminal(batch, "T-04"), terminal(batch, "T-05")
    step = given.step(batch, "S020")
    call(olga, step, "/start", first)
    words = "Olga Operator is on this step (tablet T-04)."
    assert call(olga, step, "", second).json()["holder"]["words"] == words
    assert [line.performer for line in floor_of(sven)[0].lines] == ["Olga Operator at T-04"]
    taken = call(olga, step, "/take-over", second)
    assert (taken.status_code, taken.json()["holder"]) == (200, None)
    assert call(olga, step, "/take-over", second).status_code == 409
    assert call(olga, step, "", first).json()["holder"]["tablet"] == "T-05"


def test_each_parallel_step_is_on_its_own(site: Site, olga: User, vera: User) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK))
    given.done_before(batch, "S130")
    for actor, key in ((olga, "S130"), (vera, "S140")):
        services.start_step(actor=actor, step=given.step(batch, key))
    assert run_screen(given.step(batch, "S140"), vera)["holder"] is None
    assert run_screen(given.step(batch, "S130"), vera)["holder"]["person"] == "Olga Operator"
