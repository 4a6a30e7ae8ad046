import pytest

from batches import services
from batches.models import Batch, BatchException, Deviation
from batches.queries import reasons_deviations, reasons_exceptions
from mes.accounts.models import User
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
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


def test_an_operator_decides_no_exception(exception: BatchException, olga: User) -> None:
    with pytest.raises(NotPermitted):
        services.decide_exception(
            actor=olga, exception=exception, decision="Fine", signer=people.signer(olga, "reviewed")
        )


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
