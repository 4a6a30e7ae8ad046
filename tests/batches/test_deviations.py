import re

import pytest
from django.utils import translation

from batches import services
from batches.errors import NotStartable
from batches.models import Batch, BatchException, Deviation
from batches.queries import reasons_deviations, reasons_exceptions, reasons_step_blocked
from mes.accounts.models import User
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.phrases import shown
from mes.records.queries import is_signed
from tests.given import batches as given
from tests.given import people

WORDS = {
    "investigation": "The bag waited at the door.",
    "impact": "Viability may be lower.",
    "other_batches": "None came with this courier.",
    "conclusion": "Accepted; courier retrained.",
}


@pytest.fixture
def exception(batch: Batch, olga: User) -> BatchException:
    step = given.started(batch, "S020")
    services.record_entry(actor=olga, step=step, name="viability", value="65", unit="%")
    return step.exceptions.get()


@pytest.fixture
def deviation(batch: Batch, exception: BatchException, olga: User) -> Deviation:
    return services.open_deviation(
        actor=olga,
        batch=batch,
        title="Low viability",
        description="65 % on arrival.",
        severity="high",
        exceptions=[exception],
    )


def approve(deviation: Deviation, actor: User, meaning: str = "approved") -> Deviation:
    signer = people.signer(actor, meaning)
    return services.approve_deviation(actor=actor, deviation=deviation, signer=signer)


def decide(exception: BatchException, actor: User) -> BatchException:
    signer = people.signer(actor, "reviewed")
    return services.decide_exception(actor=actor, exception=exception, decision="Fine.", signer=signer)


def restart(batch: Batch, actor: User) -> Batch:
    services.command_batch(actor=actor, batch=batch, name="RESTART", signer=people.signer(actor, "commanded"))
    return given.fresh(batch)


@pytest.mark.req("R-164")
@pytest.mark.parametrize("empty", WORDS)
def test_refuses_an_investigation_without_all_its_parts(deviation: Deviation, olga: User, empty: str) -> None:
    with pytest.raises(InvalidInput):
        services.investigate(actor=olga, deviation=deviation, **WORDS | {empty: " "})


def test_an_approved_deviation_decides_its_exceptions(
    deviation: Deviation, exception: BatchException, olga: User, quinn: User
) -> None:
    services.investigate(actor=olga, deviation=deviation, **WORDS)
    done = approve(deviation, quinn)
    assert is_signed(done, "approved")
    exception.refresh_from_db()
    assert (exception.status, exception.decided_by) == ("decided", quinn)
    batch = given.fresh(done.batch)
    assert (reasons_deviations(batch), reasons_exceptions(batch)) == ([], [])


@pytest.mark.req("R-034")
def test_nobody_approves_what_they_investigated(deviation: Deviation, quinn: User) -> None:
    services.investigate(actor=quinn, deviation=deviation, **WORDS)
    with pytest.raises(NotPermitted):
        approve(deviation, quinn)


def test_is_not_approved_before_it_is_investigated(deviation: Deviation, quinn: User) -> None:
    with pytest.raises(WrongState):
        approve(deviation, quinn)


def test_refuses_an_approval_of_another_meaning(deviation: Deviation, olga: User, quinn: User) -> None:
    services.investigate(actor=olga, deviation=deviation, **WORDS)
    with pytest.raises(SignatureRefused):
        approve(deviation, quinn, "reviewed")


def test_a_supervisor_approves_only_what_is_low(deviation: Deviation, batch: Batch, olga: User, sven: User) -> None:
    services.investigate(actor=olga, deviation=deviation, **WORDS)
    with pytest.raises(NotPermitted):
        approve(deviation, sven)
    low = services.open_deviation(
        actor=olga, batch=batch, title="Late by a minute", description="Lift.", severity="low"
    )
    services.investigate(actor=olga, deviation=low, **WORDS)
    assert approve(low, sven).approved_by == sven


def test_is_closed_with_what_was_done_about_it(deviation: Deviation, olga: User, quinn: User) -> None:
    services.investigate(actor=olga, deviation=deviation, **WORDS)
    approve(deviation, quinn)
    with pytest.raises(InvalidInput):
        services.close_deviation(actor=quinn, deviation=deviation, follow_up=" ")
    done = services.close_deviation(actor=quinn, deviation=deviation, follow_up="Courier trained.")
    assert (done.status, done.follow_up) == ("closed", "Courier trained.")


def test_quality_decides_an_exception_over_a_signature(exception: BatchException, quinn: User) -> None:
    decided = services.decide_exception(
        actor=quinn,
        exception=exception,
        decision="Within what the study allows.",
        signer=people.signer(quinn, "reviewed"),
    )
    assert decided.status == "decided"
    assert is_signed(decided, "reviewed")


@pytest.mark.req("R-034")
def test_a_supervisor_decides_only_what_is_low(exception: BatchException, olga: User, sven: User) -> None:
    with pytest.raises(NotPermitted) as refusal:
        decide(exception, sven)
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["needs_quality"]
    services.command_batch(
        actor=people.persona(exception.site, "olga"), batch=exception.batch, name="HOLD", reason="Drill"
    )
    assert decide(exception.batch.exceptions.get(kind="interrupted"), sven).status == "decided"


def test_a_low_deviation_does_not_decide_a_high_exception(exception: BatchException, olga: User, sven: User) -> None:
    low = services.open_deviation(
        actor=olga, batch=exception.batch, title="Low", description="It is.", severity="low", exceptions=[exception]
    )
    services.investigate(actor=olga, deviation=low, **WORDS)
    with pytest.raises(NotPermitted):
        approve(low, sven)


def test_what_a_step_waits_for_says_who_decides(exception: BatchException, batch: Batch, olga: User) -> None:
    """A low deviation that explains a high exception is for quality."""
    for about in ([], [exception]):
        services.open_deviation(
            actor=olga, batch=batch, title="Lift", description="It is.", severity="low", blocks=True, exceptions=about
        )
    low, high = batch.deviations.order_by("opened_at")
    reasons = [each.message for each in reasons_step_blocked(given.step(batch, "S030"), olga)]
    assert f"Deviation {low.number} must be approved first. A supervisor decides." in reasons
    assert f"Deviation {high.number} must be approved first. Quality decides." in reasons
    with translation.override("de"):
        said = [shown(each) for each in reasons]
    assert f"Abweichung {high.number} muss zuerst genehmigt werden. Die Qualität entscheidet." in said


def test_a_held_batch_waits_for_the_deviation_that_blocks(batch: Batch, olga: User, quinn: User, sven: User) -> None:
    blocking = services.open_deviation(
        actor=olga, batch=batch, title="Leak", description="At the port.", severity="high", blocks=True
    )
    services.command_batch(actor=olga, batch=batch, name="HOLD", reason="Leak")
    with pytest.raises(NotStartable) as refusal:
        restart(batch, sven)
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["deviation_open"]
    services.investigate(actor=olga, deviation=blocking, **WORDS)
    approve(blocking, quinn)
    assert restart(batch, sven).status == "RUNNING"


def test_an_operator_decides_no_exception(exception: BatchException, olga: User) -> None:
    with pytest.raises(NotPermitted):
        decide(exception, olga)


def test_an_exception_of_another_batch_is_refused(exception: BatchException, olga: User) -> None:
    other = given.planned_batch(exception.batch.site)
    with pytest.raises(InvalidInput):
        services.open_deviation(
            actor=olga,
            batch=other,
            title="Low viability",
            description="65 %",
            severity="high",
            exceptions=[exception],
        )


def test_a_decision_is_signed_by_somebody_who_saw_the_exception(exception: BatchException, quinn: User) -> None:
    client = people.client_of(quinn)
    [shown] = client.get(f"/api/v1/batches/{exception.batch_id}/exceptions").json()
    signature = people.signature(quinn) | {"seen": shown["digest"]}
    body = {"decision": "Within what the study allows.", "signature": signature}
    url = f"/api/v1/exceptions/{exception.id}/decide"
    stale = body | {"signature": signature | {"seen": "0" * 64}}
    assert client.post(url, stale).status_code == 409
    answer = client.post(url, body)
    assert (answer.status_code, answer.json()["status"]) == (200, "decided")


def test_a_deviation_is_opened_on_a_page(exception: BatchException, olga: User) -> None:
    """From the page of the exception it explains, which is chosen already; also of what no rule has found."""
    at, client = f"/batches/{exception.batch_id}/deviations/new/", people.client_of(olga)
    chosen = f"{at}?exception={exception.id}"
    assert chosen in client.get(f"/exceptions/{exception.id}/").content.decode()
    assert re.search(f'value="{exception.id}"[^>]* checked', client.get(chosen).content.decode())
    incomplete = client.post(at, {"title": "Low viability"}, format="multipart").content.decode()
    assert "This field is required" in incomplete
    assert 'value="Low viability"' in incomplete
    words = {"title": "Low viability", "description": "65 % on arrival.", "severity": "high", "blocks": "on"}
    client.post(at, words | {"exceptions": [str(exception.id)]}, format="multipart")
    client.post(at, words | {"title": "The lift stood still", "step": ""}, format="multipart")
    low, lift = Deviation.objects.order_by("opened_at")
    assert (low.title, low.blocks, low.step, list(low.exceptions.all())) == (
        "Low viability",
        True,
        exception.step,
        [exception],
    )
    assert (lift.title, lift.step, lift.owner) == ("The lift stood still", None, olga)


def test_pages_offer_only_what_is_not_refused(deviation: Deviation, olga: User, sven: User, quinn: User) -> None:
    services.investigate(actor=olga, deviation=deviation, **WORDS)
    [exception] = deviation.exceptions.all()
    at = {f"/deviations/{deviation.id}/": "Approve deviation", f"/exceptions/{exception.id}/": "Sign decision"}
    for address, button in at.items():
        assert button not in people.client_of(sven).get(address).content.decode()
        assert button in people.client_of(quinn).get(address).content.decode()
