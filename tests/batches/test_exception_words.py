"""Exceptions as people read them: in their language, with units written out, those found before as well."""

import pytest
from django.test import Client
from django.utils import translation

from batches import services
from batches.models import BatchException, ExceptionKind, Step
from batches.queries import run_screen
from batches.queries.exception_words import words_of
from batches.queries.hand_over import standing
from mes.accounts.models import Site, User
from mes.accounts.services import choose_language
from mes.phrases import shown
from tests.given import batches as given

pytestmark = pytest.mark.django_db
STEP = """
          - id: S025
            kind: entry
            title: Look at the bag
            text: Look at the bag. Read the volume.
            entries:
              - {id: clumps, name: Clumps, type: yes_no, accepted: ["no"]}
              - {id: volume, name: Volume, unit: uL, low: 1.5, high: 2.5, illustrative: true}
            signature: performed
"""


@pytest.fixture
def step(site: Site) -> Step:
    source = given.short_with(STEP)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, "S025")
    return given.started(batch, "S025")


def said(step: Step) -> list[str]:
    return [shown(words) for words in words_of(step.exceptions.order_by("raised_at", "id")).values()]


def test_values_have_units_as_people_write_them_and_answers_the_language_of_the_page(step: Step, olga: User) -> None:
    services.record_entry(actor=olga, step=step, name="clumps", value="yes")
    services.record_entry(actor=olga, step=step, name="volume", value="3.1", unit="uL")
    clumps, volume = step.exceptions.order_by("raised_at", "id").values_list("text", flat=True)
    assert (clumps, volume) == ("Clumps yes · Accepted: no", "Volume 3.1 uL · Limits ≥ 1.5 and ≤ 2.5 µL")
    assert said(step) == [clumps, "Volume 3.1\u00a0µL · Limits ≥ 1.5 and ≤ 2.5 µL"]
    with translation.override("de"):
        assert said(step) == [
            "Clumps ja · Zulässig: nein",
            "Volume 3.1\u00a0µL · Grenzen ≥ 1.5 und ≤ 2.5 µL",
        ]


def test_a_correction_says_its_reason_in_the_language_of_the_page(step: Step, olga: User) -> None:
    wrong = services.record_entry(actor=olga, step=step, name="clumps", value="yes")
    services.correct_entry(actor=olga, entry=wrong, value="no", reason="Typed wrong")
    with translation.override("de"):
        assert said(step)[-1] == "Clumps ja berichtigt zu nein: Falsch getippt"


def test_two_readings_that_differ_are_read_out_of_what_was_written_down() -> None:
    both = "Clumps: yes and no; Volume: 2.1 and 2.4 1E6/mL"
    found = BatchException(kind=ExceptionKind.DISAGREEMENT, text=both)
    with translation.override("fr"):
        words = shown(words_of([found])[found.pk])
    assert words == "Clumps : oui et non; Volume : 2.1 et 2.4\u00a010⁶/mL"


def test_what_stops_the_batch_and_what_the_next_person_reads_say_it_so(step: Step, olga: User) -> None:
    services.record_entry(actor=olga, step=step, name="volume", value="3.1", unit="uL")
    words = "Volume 3.1\u00a0µL · Limits ≥ 1.5 and ≤ 2.5 µL"
    assert standing(step.batch).exceptions == [f"S025: {words}"]
    assert [shown(each["text"]) for each in run_screen(step, olga)["exceptions"]] == [words]


def test_words_of_people_stay_as_they_wrote_them() -> None:
    found = BatchException(kind=ExceptionKind.INTERRUPTED, text="HOLD of batch: 1E6 beads lost, 3 degC too warm. A*B")
    assert words_of([found])[found.pk] == "HOLD of batch: 10⁶ beads lost, 3 °C too warm. A*B"


def test_an_answer_that_is_out_of_limits_is_asked_about_in_the_language_of_the_page(
    step: Step, olga: User, client: Client
) -> None:
    services.record_entry(actor=olga, step=step, name="clumps", value="yes")
    choose_language(actor=olga, user=olga, language="de")
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    assert "<strong>ja</strong> ist keine akzeptierte Antwort." in client.get(f"/steps/{step.id}/").content.decode()
