"""A step more for one batch: proposed, approved by somebody else, done, and shown as such for ever."""

from typing import Any

import pytest

from batches import queries, services
from batches.errors import PointPassed, StepBlocked
from batches.models import Batch, BatchException, Step
from batches.queries.redlines import places_for_redline
from batches.states import RedlineState, State
from chain_of_identity.models import Container
from mes.accounts.models import User
from mes.accounts.rights import Role
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event
from mes.records.queries import is_signed
from tests.given import batches as given
from tests.given import people
from tests.given import redlines as given_redlines

ADDED = "S020.R1"


def keys(batch: Batch) -> list[str]:
    return list(Step.objects.filter(batch=batch).order_by("position").values_list("key", flat=True))


@pytest.mark.req("R-088")
def test_an_approved_addition_stands_after_its_step(batch: Batch) -> None:
    before = keys(batch)
    step = given_redlines.added(batch, "S020")
    at = before.index("S020") + 1
    assert keys(batch) == [*before[:at], ADDED, *before[at:]]
    assert list(Step.objects.filter(batch=batch).order_by("position").values_list("position", flat=True)) == list(
        range(1, len(before) + 2)
    )
    assert (step.status, step.name, step.says.text) == (State.IDLE, "Mix once more", "Turn the bag over five times.")


@pytest.mark.req("R-088")
def test_the_recipe_of_the_batch_stays_as_it_was_issued(batch: Batch) -> None:
    recipe, digest = batch.control_recipe, batch.sha256
    given_redlines.added(batch, "S020")
    after = given.fresh(batch)
    assert (after.control_recipe, after.sha256) == (recipe, digest)
    assert after.control_recipe == after.recipe_version.document
    assert is_signed(after, "issued")


def test_a_proposal_alone_changes_nothing(batch: Batch) -> None:
    before = keys(batch)
    redline = given_redlines.proposed(given.step(batch, "S020"))
    assert (redline.status, keys(batch)) == (RedlineState.PROPOSED, before)
    given.done_before(batch, "S040")


@pytest.mark.req("R-057")
def test_the_added_step_comes_in_its_turn(batch: Batch, olga: User) -> None:
    given_redlines.added(batch, "S020")
    given.done(given.step(batch, "S010"))
    given.done(given.step(batch, "S020"))
    with pytest.raises(StepBlocked, match="S030"):
        services.start_step(actor=olga, step=given.step(batch, "S030"))
    given.done(given.step(batch, ADDED))
    assert services.start_step(actor=olga, step=given.step(batch, "S030")).status == State.RUNNING


@pytest.mark.req("R-057")
def test_what_comes_after_waits_for_the_decision_where_that_was_asked(batch: Batch, olga: User, sven: User) -> None:
    """S020 is the last step of its operation: the operation stays open too."""
    given.done(given.step(batch, "S010"))
    redline = given_redlines.proposed(given.step(batch, "S020"), waits=True)
    given.done(given.step(batch, "S020"))
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S030"))
    said = {each["code"]: each["message"] for each in refusal.value.details["reasons"]}
    assert said["redline_open"] == f"The addition {redline} is not decided on yet. Quality decides."
    assert given.step(batch, "S020").operation.status == State.RUNNING
    services.withdraw_redline(actor=sven, redline=redline, reason="It settled by itself.")
    assert given.step(batch, "S020").operation.status == State.COMPLETE
    assert services.start_step(actor=olga, step=given.step(batch, "S030")).status == State.RUNNING


def test_an_addition_that_was_waited_for_is_done_then(batch: Batch) -> None:
    redline = given_redlines.proposed(given.step(batch, "S020"), waits=True)
    given.done_before(batch, "S030")
    given.done(given_redlines.approved(redline))
    assert given.step(batch, "S020").operation.status == State.COMPLETE


@pytest.mark.req("R-088")
def test_every_addition_is_an_exception_for_quality(batch: Batch) -> None:
    step = given_redlines.added(batch, "S050")
    found = BatchException.objects.get(step=step)
    assert (found.kind, found.severity, found.blocks) == ("redline", "low", False)
    assert "by Sven Supervisor, approved Quinn Quality: The bag looks clumped." in found.text


@pytest.mark.parametrize(
    ("after", "addition", "severity"),
    [
        ("S050", given_redlines.MIXING, "low"),
        ("S050", given_redlines.COUNT, "medium"),
        ("S060", given_redlines.MIXING, "high"),
    ],
)
def test_what_it_touches_says_how_grave_it_is(batch: Batch, after: str, addition: Any, severity: str) -> None:
    assert given_redlines.proposed(given.step(batch, after), addition).severity == severity


@pytest.mark.req("R-034")
def test_nobody_approves_what_they_proposed(batch: Batch, sven: User) -> None:
    redline = given_redlines.proposed(given.step(batch, "S050"))
    with pytest.raises(NotPermitted):
        services.approve_redline(actor=sven, redline=redline, signer=people.signer(sven, "approved"))
    assert ADDED not in keys(batch)


def test_another_supervisor_approves_what_is_low_and_quality_the_rest(batch: Batch) -> None:
    other = people.a_person(batch.site, "susan", Role.SUPERVISOR)
    low = given_redlines.proposed(given.step(batch, "S050"))
    grave = given_redlines.proposed(given.step(batch, "S060"))
    services.approve_redline(actor=other, redline=low, signer=people.signer(other, "approved"))
    with pytest.raises(NotPermitted, match="quality"):
        services.approve_redline(actor=other, redline=grave, signer=people.signer(other, "approved"))
    assert given_redlines.approved(grave).key == "S060.R1"


def test_an_operator_proposes_nothing(batch: Batch, olga: User) -> None:
    with pytest.raises(NotPermitted):
        services.propose_redline(
            actor=olga, after=given.step(batch, "S020"), addition=given_redlines.MIXING, reason="So"
        )


@pytest.mark.req("R-002")
def test_an_addition_and_its_refusal_need_reasons(batch: Batch, sven: User, quinn: User) -> None:
    with pytest.raises(InvalidInput, match="why"):
        services.propose_redline(
            actor=sven, after=given.step(batch, "S020"), addition=given_redlines.MIXING, reason=" "
        )
    redline = given_redlines.proposed(given.step(batch, "S020"))
    with pytest.raises(InvalidInput, match="reason"):
        services.refuse_redline(actor=quinn, redline=redline, reason="")
    refused = services.refuse_redline(actor=quinn, redline=redline, reason="Not validated.")
    assert (refused.status, refused.decision) == (RedlineState.REFUSED, "Not validated.")


def test_it_is_approved_over_a_signature_and_once(batch: Batch, quinn: User) -> None:
    redline = given_redlines.proposed(given.step(batch, "S020"))
    with pytest.raises(SignatureRefused):
        services.approve_redline(actor=quinn, redline=redline, signer=people.signer(quinn, "reviewed"))
    given_redlines.approved(redline)
    redline.refresh_from_db()
    assert is_signed(redline, "approved")
    with pytest.raises(WrongState):
        given_redlines.approved(redline)


def test_nothing_is_added_where_the_batch_has_passed(batch: Batch) -> None:
    redline = given_redlines.proposed(given.step(batch, "S010"))
    given.started(batch, "S020")
    with pytest.raises(PointPassed, match="Nothing can be added there"):
        given_redlines.approved(redline)
    with pytest.raises(PointPassed):
        given_redlines.proposed(given.step(batch, "S010"))
    assert places_for_redline(batch)[0].key == "S020"


def test_a_held_batch_takes_an_addition(batch: Batch, olga: User) -> None:
    given.started(batch, "S020")
    services.command_batch(actor=olga, batch=batch, name="HOLD", reason="A leak")
    assert given_redlines.added(batch, "S020").status == State.IDLE


def test_additions_after_one_step_stand_in_the_order_of_their_approval(batch: Batch) -> None:
    first, second = (given_redlines.proposed(given.step(batch, "S020")) for _ in range(2))
    given_redlines.approved(second)
    given_redlines.approved(first)
    assert [key for key in keys(batch) if key.startswith("S020")] == ["S020", "S020.R2", "S020.R1"]


def test_an_addition_beside_parallel_steps_follows_all_of_them(batch: Batch) -> None:
    given_redlines.added(batch, "S130")
    order = keys(batch)
    assert order.index("S130.R1") == order.index("S140") + 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "timed_hold"}, "kind"),
        ({"kind": "entry"}, "entries"),
        ({"text": "", "kind": "instruction"}, "tells nobody"),
        ({"title": ""}, "title"),
    ],
)
def test_refuses_a_step_that_a_recipe_could_not_hold(batch: Batch, change: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        given_redlines.proposed(given.step(batch, "S020"), given_redlines.MIXING | change)


def test_an_added_value_is_judged_and_signed_like_any_other(batch: Batch, olga: User) -> None:
    given_redlines.added(batch, "S020", given_redlines.COUNT)
    step = given.started(batch, ADDED)
    entry = services.record_entry(actor=olga, step=step, name="density", value="1E9", unit="cell/mL")
    assert entry.verdict == "out_of_limit"
    given.explained(given.step(batch, ADDED))
    given.signed(given.step(batch, ADDED))
    assert is_signed(given.step(batch, ADDED), "performed")


def test_an_added_sample_is_drawn(batch: Batch) -> None:
    sample = {"code": "IPC-X", "stage": "extra", "tests": ["viability"], "quantity": "1", "unit": "mL"}
    given_redlines.added(batch, "S020", {"kind": "sample", "title": "Take a sample", "sample": sample})
    given.started(batch, ADDED)
    given.done(given.step(batch, ADDED))
    assert Container.objects.filter(order=batch.order, holds=Container.Holds.SAMPLE).exists()


@pytest.mark.req("R-088")
def test_the_record_shows_for_ever_who_added_and_who_approved(batch: Batch) -> None:
    given_redlines.added(batch, "S020")
    record = queries.record_of(given.fresh(batch))
    step = next(each for each in record.steps if each.key == ADDED)
    assert step.added == "Added: Sven Supervisor, approved Quinn Quality"
    (line,) = record.redlines
    assert (line.key, line.status, line.proposed_by, line.decided_by) == (
        ADDED,
        "approved",
        "Sven Supervisor",
        "Quinn Quality",
    )
    assert [each.meaning for each in line.signatures] == ["approved"]
    actions = set(Event.objects.filter(batch_id=batch.id).values_list("action", flat=True))
    assert {"batches.propose_redline", "batches.approve_redline"} <= actions


def test_the_run_screen_shows_who_added_the_step(batch: Batch, olga: User) -> None:
    given_redlines.added(batch, "S020")
    shown = queries.run_screen(given.step(batch, ADDED), olga)
    assert shown["added"] == "Added: Sven Supervisor, approved Quinn Quality"
    assert queries.run_screen(given.step(batch, "S020"), olga)["added"] == ""


def test_an_undecided_addition_keeps_the_batch_from_release(batch: Batch) -> None:
    given_redlines.proposed(given.step(batch, "S180"))
    assert "redline_open" in [each.code for each in queries.reasons_steps_open(batch)]
