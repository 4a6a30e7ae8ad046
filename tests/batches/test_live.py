"""What the run screen says about the unit while it works for the step."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string

from batches.queries.live import age_words, live_at
from batches.queries.run import run_screen
from batches.run_page import screen
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import Unit
from mes import clock
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import equipment

pytestmark = pytest.mark.django_db


@pytest.fixture
def commanded(site: Site) -> Any:
    """The incubator was told its set-points, and has not yet been read back."""
    step = given.prepared_or_waiting(given.started(given.running_batch(site), "S040"))
    return given.step(step.batch, "S040")


def told(step: Any, olga: User, tag: str) -> Any:
    lines = run_screen(step, olga)["equipment"]["live"]
    return next(line for line in lines if line["tag"] == tag)


def unit_of(step: Any, olga: User) -> Unit:
    return Unit.objects.get(pk=run_screen(step, olga)["equipment"]["bound"]["id"])


def test_set_point_value_age_and_quality_stand_together(commanded: Any, olga: User, site: Site) -> None:
    now = clock.now(site)
    unit = unit_of(commanded, olga)
    equipment.readings(unit, "temperature", [36.5, 36.9], every=timedelta(seconds=2), until=now)
    line = told(commanded, olga, "temperature")
    assert (line["setpoint"], line["value"], line["unit"]) == ("37", "36.9", "°C")
    assert (line["quality"], line["state"]) == ("good", "live")
    assert line["age"].endswith(" s")
    first = run_screen(commanded, olga)["equipment"]["live"][0]
    assert first["tag"] == "temperature"


def test_a_value_nobody_saw_is_not_known(commanded: Any, olga: User) -> None:
    line = told(commanded, olga, "temperature")
    assert (line["value"], line["state"], line["age"]) == (None, "not_known", None)


def test_the_waiting_screen_shows_it_and_looks_again(commanded: Any, olga: User, site: Site) -> None:
    equipment.readings(
        unit_of(commanded, olga), "temperature", [36.9], every=timedelta(seconds=2), until=clock.now(site)
    )
    shown = screen(run_screen(commanded, olga), full_credential=False, may_command=False)
    text = render_to_string("batches/run/_pad.html", shown)
    assert shown["panel"] == "wait"
    assert "data-poll" in text
    assert "36.9\u00a0°C" in text


def test_a_step_that_does_not_run_shows_no_values(site: Site, olga: User) -> None:
    step = given.step(given.running_batch(site), "S040")
    assert (run_screen(step, olga)["equipment"] or {}).get("live", []) == []


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-1), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=61), "1 min"),
        (timedelta(hours=2, minutes=5), "2 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(age: timedelta, words: str) -> None:
    assert age_words(age) == words


def test_a_set_point_the_unit_does_not_measure_stays_in_sight(commanded: Any, site: Site) -> None:
    """A thawing device is told one temperature and measures two."""
    unit = equipment.unit(site, "thawing_device")
    equipment.occupied(unit, batch_id=commanded.batch_id)
    equipment.requested(unit, "thaw", batch_id=commanded.batch_id, temperature=("37.0", "°C"))
    line = live_at(commanded, unit)[0]
    assert (line["label"], line["setpoint"], line["unit"]) == ("Temperature", "37.0", "°C")
    assert (line["value"], line["state"]) == (None, "not_measured")


def test_set_points_have_the_words_of_what_they_set() -> None:
    assert EQUIPMENT_CLASSES["bioreactor"].setpoint_label("do") == "Dissolved oxygen"
    assert EQUIPMENT_CLASSES["ln2_freezer"].setpoint_label("fill_to") == "Fill to"
