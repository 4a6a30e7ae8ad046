"""A label no scanner reads, at a step: typed, explained, compared by a second person. Never a way around the stop."""

from typing import Any

import pytest

from batches import services
from batches.models import Batch, BatchException, ExceptionKind, Step, StepScan
from batches.states import State
from chain_of_identity.errors import UnknownCode, WrongBag, WrongContainer
from chain_of_identity.models import Cause, Scan
from chain_of_identity.services import discard, prepare_container
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.records.queries import signatures_of
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people

Verdict = Scan.Verdict


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S010")


def typed(step: Step, label: str, **changes: Any) -> StepScan:
    """Olga types it, Vera compares it."""
    facts: dict[str, Any] = {
        "actor": people.persona(step.site, "olga"),
        "verifier": people.signer(people.persona(step.site, "vera"), "verified", site=step.site),
        "cause": Cause.DAMAGED,
        "reason": "Frost on the label, cannot be wiped.",
    }
    return services.cannot_scan_for_step(step=step, label=label, **(facts | changes))


def test_the_right_label_read_by_two_people_lets_the_step_go_on(step: Step, vera: User) -> None:
    bag = identity_given.bag_of(step.batch.order)
    found = typed(step, bag.label.lower())
    assert found.label == bag.label
    assert (found.scan.verdict, found.scan.verifier, found.scan.cause) == (Verdict.CANNOT_SCAN, vera, "damaged")
    assert [each.signer_id for each in signatures_of(bag)] == [vera.id]
    assert given.prepared(step).status == State.RUNNING


def test_quality_is_told_by_an_exception(step: Step) -> None:
    typed(step, identity_given.bag_of(step.batch.order).label)
    found = BatchException.objects.get(kind=ExceptionKind.CANNOT_SCAN)
    assert (found.severity, found.blocks, found.step) == ("medium", False, step)
    assert "read by Olga Operator and Vera Verifier" in found.text
    assert "Label torn, wet or frosted: Frost on the label" in found.text


@pytest.mark.req("R-126")
def test_a_typed_label_of_another_patient_stops_as_a_scan_does(step: Step) -> None:
    other = identity_given.bag_of(identity_given.received_order(step.site))
    with pytest.raises(WrongBag):
        typed(step, other.label)
    assert given.fresh(step.batch).status == State.HELD
    assert Scan.objects.filter(step_id=step.id, verdict=Verdict.WRONG, code=other.label).count() == 1
    assert not step.scans.exists()


def test_a_label_that_is_on_nothing_of_ours_is_refused(step: Step) -> None:
    with pytest.raises(UnknownCode):
        typed(step, "KX0-000-A")
    assert not step.scans.exists()


def test_the_chain_alone_does_not_say_which_container(step: Step) -> None:
    with pytest.raises(InvalidInput, match="with its letter"):
        typed(step, step.batch.coi_id)


def test_nobody_does_it_alone_or_without_a_reason(step: Step, olga: User) -> None:
    label = identity_given.bag_of(step.batch.order).label
    with pytest.raises(NotPermitted, match="second person"):
        typed(step, label, verifier=people.signer(olga, "verified", site=step.site))
    with pytest.raises(InvalidInput, match="at least"):
        typed(step, label, reason="wet")
    assert not step.scans.exists()


class TestTheContainerThatIsNeeded:
    def test_one_that_was_used_up_is_refused_with_who_and_when(self, step: Step, olga: User, sven: User) -> None:
        bag = identity_given.bag_of(step.batch.order)
        discard(actor=sven, container=bag, reason="The bag leaks.")
        with pytest.raises(WrongContainer) as refusal:
            services.scan_for_step(actor=olga, step=step, code=bag.label)
        [reason] = refusal.value.details["reasons"]
        assert f"{bag} was discarded by Sven Supervisor on" in reason["message"]
        assert Scan.objects.filter(step_id=step.id, verdict=Verdict.WRONG_CONTAINER).count() == 1

    def test_an_empty_one_is_refused_with_the_one_that_is_needed(self, step: Step, olga: User, site: Site) -> None:
        bag, logan = identity_given.bag_of(step.batch.order), people.persona(site, "logan")
        empty = prepare_container(actor=logan, order=step.batch.order)
        with pytest.raises(WrongContainer) as refusal:
            services.scan_for_step(actor=olga, step=step, code=empty.label)
        words = [reason["message"] for reason in refusal.value.details["reasons"]]
        assert words == [f"{empty} is labelled and empty.", f"Needed here: {bag}."]

    def test_the_batch_goes_on(self, step: Step, olga: User, site: Site) -> None:
        bag = identity_given.bag_of(step.batch.order)
        empty = prepare_container(actor=people.persona(site, "logan"), order=step.batch.order)
        with pytest.raises(WrongContainer):
            services.scan_for_step(actor=olga, step=step, code=empty.label)
        assert given.fresh(step.batch).status == State.RUNNING
        services.scan_for_step(actor=olga, step=step, code=bag.label)
