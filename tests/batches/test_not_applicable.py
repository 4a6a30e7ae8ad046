from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from batches import services
from batches.errors import AlreadyRecorded
from batches.models import Entry, ExceptionKind, Step
from batches.queries import record_of
from batches.queries.blind import blind_asked
from batches.queries.missing import reasons_incomplete
from batches.queries.run import run_screen
from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from recipes.document import load
from recipes.errors import RecipeInvalid
from tests.given import batches as given
from tests.given import people

ASKED = "{id: appearance, name: Appearance, type: choice, choices: [homogeneous, clumps], accepted: [homogeneous]}"
OPEN = given.SHORT.replace(ASKED, ASKED.replace("]}", "], may_be_not_applicable: true}"))
CRITICAL = OPEN.replace("may_be_not_applicable: true", "may_be_not_applicable: true, critical: true")
WHY = "The bag is opaque"


@pytest.fixture
def step(site: Site) -> Step:
    """The inspection, started, of a recipe in which the appearance may be left out."""
    return given.started(given.running_batch(site, recipe=given.short_recipe(site, OPEN)), "S020")


def leave_out(step: Step, actor: User, name: str = "appearance", reason: str = WHY, **facts: Any) -> Entry:
    return services.record_not_applicable(actor=actor, step=step, name=name, reason=reason, **facts)


@pytest.mark.req("R-096")
def test_not_applicable_stands_in_the_place_of_the_value_and_quality_sees_it(step: Step, olga: User) -> None:
    leave_out(step, olga)
    assert "appearance" not in {reason.subject for reason in reasons_incomplete(step)}
    exception = step.exceptions.get()
    assert (exception.kind, exception.severity, exception.blocks) == (ExceptionKind.NOT_APPLICABLE, "info", False)
    assert exception.text == f"Appearance does not apply: {WHY}"


@pytest.mark.req("R-096")
def test_what_does_not_apply_is_signed_and_shown_with_its_reason(step: Step, olga: User) -> None:
    leave_out(step, olga)
    given.signed(given.prepared(step))
    step = given.step(step.batch, "S020")
    [line] = [each for each in step.manifest()["entries"] if each["name"] == "appearance"]
    assert (line["value"], line["verdict"], line["reason"]) == ("N/A", "not_applicable", WHY)
    [shown] = [each["value"] for each in run_screen(step, olga)["entries"] if each["name"] == "appearance"]
    assert (shown["value"], shown["note"]) == ("N/A", WHY)
    record = next(each for each in record_of(step.batch).steps if each.key == "S020")
    [printed] = [each for each in record.attempts[0].values if each.name == "appearance"]
    assert (printed.value, printed.judged, printed.reason) == ("N/A", "not applicable", WHY)


@pytest.mark.req("R-096")
@pytest.mark.parametrize(("name", "reason"), [("appearance", " "), ("volume", WHY), ("weight", WHY)])
def test_refuses_without_a_reason_and_what_the_recipe_asks_for(step: Step, olga: User, name: str, reason: str) -> None:
    with pytest.raises(InvalidInput):
        leave_out(step, olga, name, reason)
    assert not Entry.objects.exists()


def test_what_is_optional_may_be_left_out_unless_the_recipe_says_no(step: Step, olga: User) -> None:
    assert leave_out(step, olga, "note").verdict == "not_applicable"


def test_sent_twice_it_is_recorded_once_and_it_takes_the_place_of_no_value(step: Step, olga: User) -> None:
    entry_id = uuid4()
    assert {leave_out(step, olga, entry_id=entry_id).id for _ in range(2)} == {entry_id}
    with pytest.raises(AlreadyRecorded):
        leave_out(step, olga)


def test_a_value_found_later_corrects_it(step: Step, olga: User) -> None:
    left_out = leave_out(step, olga)
    entry = services.correct_entry(actor=olga, entry=left_out, value="clumps", reason="Seen against the light")
    assert (entry.supersedes, entry.verdict) == (left_out, "out_of_limit")


def test_what_is_critical_is_left_out_only_with_a_second_person(site: Site, olga: User) -> None:
    source = CRITICAL.replace(
        "signature: performed\n            severity: high",
        "signature: verified_observed\n            severity: high",
        1,
    )
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    step = given.started(batch, "S020")
    leave_out(step, olga)
    assert step.exceptions.get().severity == "low"


def test_a_second_person_who_reads_blind_is_not_asked_for_what_does_not_apply(site: Site, olga: User) -> None:
    asked = "high: 1E8, critical: true, illustrative: true}"
    more = asked + "\n              - {id: clumps, name: Clumps, type: yes_no, may_be_not_applicable: true}"
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK.replace(asked, more)))
    step = given.started(batch, "S140")
    leave_out(step, olga, "clumps")
    given.good_entry(olga, step, "concentration")
    assert [each["name"] for each in blind_asked(step)] == ["concentration"]


@pytest.mark.parametrize("fact", ["may_be_not_applicable: true", "required: false"])
def test_a_recipe_does_not_compute_with_a_value_that_may_be_missing(fact: str) -> None:
    with pytest.raises(RecipeInvalid, match="“volume” is used elsewhere"):
        load(given.SHORT.replace("precision: 1, low: 50, high: 400", f"precision: 1, {fact}, low: 50, high: 400"))


def test_the_tablet_says_it_through_the_api(step: Step, olga: User) -> None:
    client = people.client_of(olga)
    body = {"id": str(uuid4()), "name": "appearance", "reason": WHY}
    answer = client.post(f"/api/v1/steps/{step.id}/not-applicable", body, format="json")
    assert answer.status_code == 201, answer.json()
    assert (answer.json()["value"], answer.json()["verdict"]) == ("N/A", "not_applicable")


def test_the_pages_and_the_print_show_it(step: Step, olga: User) -> None:
    leave_out(step, olga)
    client = Client()
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    assert WHY in client.get(f"/steps/{step.id}/").content.decode()
    page = client.get(f"/batches/{step.batch_id}/record/").content.decode()
    assert WHY in page
    assert "Not applicable" in page
