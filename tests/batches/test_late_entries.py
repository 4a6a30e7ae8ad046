"""A value recorded later than it was done (R-017), by the clock of the site."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import translation

from batches import services
from batches.models import Entry, ExceptionKind, Step
from batches.queries import record_of
from batches.queries.run import run_screen
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from mes.phrases import shown as in_language
from tests.given import batches as given
from tests.given import people

WHY = "Hands were not free"


@pytest.fixture
def step(site: Site) -> Step:
    """The inspection, started."""
    return given.started(given.running_batch(site), "S020")


def record(site: Site, actor: User, step: Step, minutes: float, reason: str = WHY) -> Entry:
    """A value that was done so many minutes ago."""
    with given.later(60):
        at = clock.now(site) - timedelta(minutes=minutes)
        return services.record_entry(
            actor=actor, step=step, name="volume", value="120", unit="mL", performed_at=at, reason=reason
        )


@pytest.mark.req("R-017")
def test_a_value_done_longer_ago_than_the_site_allows_is_late_and_quality_sees_it(
    step: Step, site: Site, olga: User
) -> None:
    entry = record(site, olga, step, 42)
    assert (entry.is_late, entry.reason) == (True, WHY)
    exception = step.exceptions.get()
    assert (exception.kind, exception.severity) == (ExceptionKind.LATE_ENTRY, "low")
    for moment in (entry.performed_at, entry.done_at):
        assert clock.show(site, moment) in exception.text


@pytest.mark.req("R-017")
def test_a_late_value_without_a_reason_is_refused(step: Step, site: Site, olga: User) -> None:
    with pytest.raises(InvalidInput):
        record(site, olga, step, 15.1, reason=" ")
    assert not Entry.objects.exists()


def test_a_value_within_the_limit_of_the_site_keeps_both_times_and_is_not_late(
    step: Step, site: Site, olga: User
) -> None:
    entry = record(site, olga, step, 14.9, reason="")
    assert (entry.is_late, step.exceptions.count()) == (False, 0)
    assert entry.performed_at is not None


@pytest.mark.parametrize("minutes", [-1, 61])
def test_nothing_was_done_in_the_future_or_before_the_step_began(
    step: Step, site: Site, olga: User, minutes: float
) -> None:
    with pytest.raises(InvalidInput):
        record(site, olga, step, minutes)


@pytest.mark.req("R-017")
def test_both_times_and_the_reason_are_signed_and_shown(step: Step, site: Site, olga: User) -> None:
    entry = record(site, olga, step, 42)
    [line] = [each for each in step.manifest()["entries"] if each["name"] == "volume"]
    assert (line["is_late"], line["reason"]) == (True, WHY)
    [shown] = [each["value"] for each in run_screen(step, olga)["entries"] if each["name"] == "volume"]
    done, recorded = (clock.on_the_wall(site, each) for each in (entry.performed_at, entry.done_at) if each)
    assert shown["note"] == f"done {done}, recorded {recorded}, late: {WHY}"
    found = next(each for each in record_of(step.batch).steps if each.key == "S020")
    [printed] = found.attempts[0].values
    assert (printed.is_late, printed.performed_at) == (True, entry.performed_at)


def test_the_tablet_says_the_time_on_the_wall(step: Step, site: Site, olga: User) -> None:
    with given.later(60):
        said = clock.on_the_wall(site, clock.now(site) - timedelta(minutes=30))
        body = {"name": "volume", "value": "120", "unit": "mL", "performed_at": said, "reason": WHY}
        answer = people.client_of(olga).post(f"/api/v1/steps/{step.id}/entries", body, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["is_late"]
    note = next(each for each in run_screen(step, olga)["entries"] if each["name"] == "volume")["value"]["note"]
    with translation.override("de"):
        assert re.fullmatch(rf"durchgeführt {said}, erfasst \d\d:\d\d, verspätet: {WHY}", in_language(note))


@pytest.mark.parametrize(("shown", "meant"), [("10:00", "2026-11-22T09:00"), ("10:01", "2026-11-21T09:01")])
def test_a_time_of_day_is_the_last_one_the_clock_of_the_site_showed(site: Site, shown: str, meant: str) -> None:
    site.timezone = "Europe/Vienna"
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC), tick=False):
        assert clock.last(site, time.fromisoformat(shown)) == datetime.fromisoformat(f"{meant}+00:00")
