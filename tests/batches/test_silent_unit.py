"""Nothing is heard of the unit a step works at: the batch is held where the recipe says so, and only there."""

import pytest

from batches import services
from batches.models import Batch, ExceptionKind
from batches.states import Command, State
from batches.tasks import tick
from equipment.models import Alarm, Unit
from mes.accounts.models import Site
from mes.records.models import Event
from tests.given import alarms, people
from tests.given import batches as given
from tests.given.recipes import changed

CULTURE = "temperature., equipment: incubator,"
SAYS_SO = changed(given.SHORT, CULTURE, f"{CULTURE} hold_when_silent: true,")


def cultured(site: Site, source: str = SAYS_SO) -> Batch:
    """The cells are in the incubator, and its hold runs."""
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.started(batch, "S120")
    return given.fresh(batch)


def fallen_silent(site: Site) -> Alarm:
    return alarms.silent(Unit.objects.get(site=site, code="INC-1"))


def silences(batch: Batch) -> list[str]:
    return list(batch.exceptions.filter(kind=ExceptionKind.SILENT).values_list("text", flat=True))


def restarted(batch: Batch) -> None:
    sven = people.persona(batch.site, "sven")
    signer = people.signer(sven, "commanded")
    services.command_batch(actor=sven, batch=given.fresh(batch), name=Command.RESTART, signer=signer)
    given.ticked(batch)


def test_a_silent_unit_holds_the_batch_where_the_recipe_says_so(site: Site) -> None:
    batch = cultured(site)
    tick()
    assert given.fresh(batch).status == State.RUNNING
    alarm = fallen_silent(site)
    tick()
    held = given.fresh(batch)
    assert (held.status, given.step(batch, "S120").status) == (State.HELD, State.HELD)
    assert silences(batch) == ["S120 Culture for one hour: nothing is heard of INC-1."]
    event = Event.objects.get(action="batches.report_silence")
    assert (event.actor_username, event.batch_id) == ("system:dispatcher", batch.id)
    assert batch.exceptions.get(kind=ExceptionKind.SILENT).data == {"alarm": str(alarm.id)}


def test_whoever_restarts_is_not_held_again_by_the_same_silence_but_by_the_next(site: Site) -> None:
    batch = cultured(site)
    alarm = fallen_silent(site)
    tick()
    restarted(batch)
    tick()
    assert given.fresh(batch).status == State.RUNNING, "a person has decided"
    assert len(silences(batch)) == 1
    alarms.heard_again(alarm)
    with given.later(20):
        fallen_silent(site)
        tick()
    assert given.fresh(batch).status == State.HELD
    assert len(silences(batch)) == 2


def test_without_the_word_the_alarm_is_all_that_comes(site: Site) -> None:
    batch = cultured(site, given.SHORT)
    fallen_silent(site)
    tick()
    assert (given.fresh(batch).status, silences(batch)) == (State.RUNNING, [])


def test_only_the_step_that_works_at_the_unit_counts(site: Site) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, SAYS_SO))
    given.started(batch, "S050")
    fallen_silent(site)
    tick()
    assert (given.fresh(batch).status, silences(batch)) == (State.RUNNING, [])


def test_a_batch_that_somebody_has_in_hand_is_looked_at_with_the_next_tick(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = cultured(site)
    fallen_silent(site)
    with monkeypatch.context() as patch:
        patch.setattr("batches.services.silence.free_batch", lambda _: None)
        tick()
    assert silences(batch) == []
    tick()
    assert len(silences(batch)) == 1
