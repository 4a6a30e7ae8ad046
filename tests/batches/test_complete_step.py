from typing import Any

import pytest
from django.test import Client

from batches import services
from batches.errors import Incomplete, LeftBlank, NotTrained, StepBlocked
from batches.models import Batch, Deviation, Step
from batches.queries import run_screen
from batches.states import State
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import SignatureRefused, WrongState
from mes.records.queries import is_signed, signature_lines
from tests.given import batches as given
from tests.given import people


def codes(refusal: pytest.ExceptionInfo[Incomplete]) -> set[str]:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


@pytest.fixture
def inspection(batch: Batch) -> Step:
    """The inspection, everything recorded but not signed."""
    return given.prepared(given.started(batch, "S020"))


def complete(step: Step, actor: User, **facts: Any) -> Step:
    facts = {"signer": people.signer(actor, "performed")} | facts
    return services.complete_step(actor=actor, step=step, **facts)


@pytest.mark.req("R-046")
def test_a_signed_step_is_complete(inspection: Step, olga: User) -> None:
    step = complete(inspection, olga)
    assert step.status == State.COMPLETE
    assert step.ended_at is not None
    line = signature_lines(step)[0]
    assert (line["printed_name"], line["meaning"], line["timezone"]) == (
        "Olga Operator",
        "performed",
        "Europe/Vienna",
    )


@pytest.mark.req("R-088")
def test_refuses_a_step_in_which_something_is_missing(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S020")
    with pytest.raises(Incomplete) as refusal:
        complete(step, olga)
    missing = {reason["subject"] for reason in refusal.value.details["reasons"]}
    assert missing == {"bag_intact", "appearance", "volume", "concentration", "viability"}


def test_refuses_a_step_without_a_signature(inspection: Step, olga: User) -> None:
    with pytest.raises(SignatureRefused):
        services.complete_step(actor=olga, step=inspection)


@pytest.mark.req("R-028")
@pytest.mark.parametrize("given", [{"badge": "B-olga"}, {"badge": "B-olga", "pin": people.PIN}])
def test_a_badge_that_another_could_use_is_not_enough_to_sign(
    inspection: Step, olga: User, given: dict[str, str]
) -> None:
    answer = people.client_of(olga).post(f"/api/v1/steps/{inspection.id}/complete", {"signature": given})
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert Client().post("/sign-in/", {"badge": "B-olga"}).status_code == 400
    assert not is_signed(inspection, "performed")


def test_refuses_the_signature_of_somebody_else(inspection: Step, olga: User, vera: User) -> None:
    with pytest.raises(SignatureRefused):
        complete(inspection, olga, signer=people.signer(vera, "performed"))


@pytest.mark.req("R-047")
def test_refuses_a_signature_of_another_meaning(inspection: Step, olga: User) -> None:
    with pytest.raises(SignatureRefused):
        complete(inspection, olga, signer=people.signer(olga, "reviewed"))


@pytest.mark.req("R-069")
def test_a_step_is_completed_once(inspection: Step, olga: User) -> None:
    complete(inspection, olga)
    with pytest.raises(WrongState):
        complete(inspection, olga)


@pytest.mark.req("R-088")
@pytest.mark.ux("OP-07")
def test_a_true_value_outside_its_limits_needs_a_deviation(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S020")
    services.record_entry(actor=olga, step=step, name="viability", value="65.0", unit="%")
    given_rest = ("bag_intact", "appearance", "volume", "concentration")
    for name in given_rest:
        given.good_entry(olga, step, name)
    with pytest.raises(Incomplete) as refusal:
        complete(step, olga)
    assert codes(refusal) == {"deviation_missing"}
    deviation = services.open_deviation(
        actor=olga,
        batch=batch,
        title="Low viability",
        description="Read twice. The bag was late.",
        severity="high",
        exceptions=list(step.exceptions.filter(kind="out_of_limit")),
    )
    assert complete(step, olga).status == State.COMPLETE
    assert Deviation.objects.get() == deviation


def test_an_exception_that_blocks_stops_the_next_step_until_quality_decided(
    batch: Batch, olga: User, quinn: User
) -> None:
    step = given.started(batch, "S030")
    services.bind_unit(actor=olga, step=step, code="INC-1")
    services.record_entry(actor=olga, step=step, name="clear", value="no")
    [found] = step.exceptions.all()
    services.open_deviation(
        actor=olga, batch=batch, title="Foreign label", description="Found a label.", severity="high"
    )
    found.refresh_from_db()
    deviation = services.open_deviation(
        actor=olga,
        batch=batch,
        title="Foreign label",
        description="A label of another batch lay there.",
        severity="high",
        exceptions=[found],
    )
    given.signed(given.step(batch, "S030"))
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S040"))
    assert {each["code"] for each in refusal.value.details["reasons"]} == {
        "exception_open",
        "deviation_open",
    }
    services.investigate(
        actor=olga,
        deviation=deviation,
        investigation="Left by the batch before.",
        impact="None",
        other_batches="The batch before reconciled its labels.",
        conclusion="Label destroyed.",
    )
    services.approve_deviation(actor=quinn, deviation=deviation, signer=people.signer(quinn, "approved"))
    assert services.start_step(actor=olga, step=given.step(batch, "S040")).status == State.RUNNING


@pytest.mark.req("R-089")
def test_a_step_for_two_does_not_close_with_one_signature(batch: Batch, olga: User) -> None:
    step = given.prepared(given.started(batch, "S030"))
    complete(step, olga)
    step = given.step(batch, "S030")
    assert step.status == State.RUNNING
    assert is_signed(step, "performed")
    with pytest.raises(StepBlocked):
        services.start_step(actor=olga, step=given.step(batch, "S040"))


@pytest.mark.req("R-096")
def test_a_step_with_a_blank_value_is_refused_as_such(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S020")
    with pytest.raises(LeftBlank) as refusal:
        complete(step, olga)
    assert refusal.value.status == 400
    assert codes(refusal) == {"entry_missing"}


@pytest.mark.req("R-060")
def test_a_critical_value_is_checked_by_a_second_person_before_anything_goes_on(batch: Batch, olga: User) -> None:
    step = given.prepared(given.started(batch, "S030"))
    assert [entry.critical for entry in step.says.entries] == [True]
    complete(step, olga)
    assert given.step(batch, "S030").status == State.RUNNING
    with pytest.raises(StepBlocked) as refusal:
        services.start_step(actor=olga, step=given.step(batch, "S040"))
    assert refusal.value.status == 409
    assert "earlier_step_open" in {reason["code"] for reason in refusal.value.details["reasons"]}


@pytest.mark.req("R-037")
def test_nobody_works_or_signs_in_a_step_without_training_whoever_started_it(batch: Batch, site: Site) -> None:
    nina = people.a_person(site, "nina", Role.OPERATOR)
    step = given.started(batch, "S020")
    with pytest.raises(NotTrained):
        services.record_entry(actor=nina, step=step, name="volume", value="120", unit="mL")
    step = given.prepared(step)
    with pytest.raises(NotTrained):
        complete(step, nina)


def test_a_value_outside_its_limits_is_decided_before_the_next_one(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S020")
    services.record_entry(actor=olga, step=step, name="viability", value="65.0", unit="%")
    assert run_screen(given.step(batch, "S020"), olga)["acts"] == ["deviation", "entry"]
