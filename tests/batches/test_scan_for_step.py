from unittest.mock import Mock

import pytest
from rest_framework.test import APIClient

from batches import services
from batches.errors import IdentityNotScanned, NotStartable
from batches.models import Batch, BatchException, Deviation, ExceptionKind, Step, StepScan
from batches.states import Command, State
from chain_of_identity.errors import WrongBag
from chain_of_identity.models import Scan
from mes.accounts.models import Site, User
from mes.errors import NotPermitted, WrongState
from mes.records.models import SecurityEvent
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people

WEIGHED = """
          - id: S025
            kind: identity_check
            title: Look at the seal
            text: Scan the bag. Look at its seal.
            entries:
              - {id: seal, name: Seal intact, type: yes_no}
              - {id: remark, name: Remark, type: text, may_be_not_applicable: true}
            signature: performed
"""


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S010")


def scan_foreign_bag(step: Step, actor: User) -> None:
    other = identity_given.received_order(step.site)
    with pytest.raises(WrongBag):
        services.scan_for_step(actor=actor, step=step, code=identity_given.bag_of(other).label)


def test_the_right_bag_lets_the_step_go_on(step: Step, olga: User) -> None:
    bag = identity_given.bag_of(step.batch.order)
    found = services.scan_for_step(actor=olga, step=step, code=bag.label)
    assert found.label == bag.label
    assert found.scan.verdict == Scan.Verdict.RIGHT


@pytest.mark.req("R-126")
def test_a_wrong_bag_is_recorded_holds_the_batch_and_opens_a_deviation(step: Step, olga: User) -> None:
    scan_foreign_bag(step, olga)
    assert given.fresh(step.batch).status == State.HELD
    assert given.step(step.batch, "S010").status == State.HELD
    assert Scan.objects.filter(step_id=step.id, verdict=Scan.Verdict.WRONG).count() == 1
    found = BatchException.objects.get(kind=ExceptionKind.WRONG_BAG)
    assert (found.severity, found.blocks) == ("critical", True)
    assert Deviation.objects.get().exceptions.get() == found
    assert SecurityEvent.objects.filter(kind="wrong_bag", user_id=olga.id).exists()
    assert not step.scans.exists()


@pytest.mark.req("R-126")
def test_nobody_passes_a_wrong_bag_alone(step: Step, olga: User, sven: User, quinn: User) -> None:
    scan_foreign_bag(step, olga)
    batch = given.fresh(step.batch)
    with pytest.raises(NotStartable):
        restart(batch, sven)
    deviation = Deviation.objects.select_related("batch__site").get()
    services.investigate(
        actor=sven,
        deviation=deviation,
        investigation="The bag of the next patient stood on the bench.",
        impact="None: nothing was opened.",
        other_batches="The other bag went back to its place, unopened.",
        conclusion="One bag at a time on the bench.",
    )
    with pytest.raises(NotPermitted):
        approve(deviation, sven)
    approve(deviation, quinn)
    restart(batch, sven)
    assert given.fresh(batch).status == State.RUNNING
    assert given.step(batch, "S010").status == State.RUNNING


def restart(batch: Batch, actor: User) -> None:
    services.command_batch(
        actor=actor,
        batch=batch,
        name=Command.RESTART,
        signer=people.signer(actor, "commanded"),
    )


def approve(deviation: Deviation, actor: User) -> None:
    services.approve_deviation(actor=actor, deviation=deviation, signer=people.signer(actor, "approved"))


def test_no_further_scan_is_taken_while_the_batch_is_held(step: Step, olga: User) -> None:
    scan_foreign_bag(step, olga)
    bag = identity_given.bag_of(step.batch.order)
    with pytest.raises(WrongState):
        services.scan_for_step(actor=olga, step=step, code=bag.label)


@pytest.mark.req("R-126")
def test_nothing_touches_material_before_its_label_was_read(batch: Batch, olga: User, site: Site) -> None:
    step = given.started(batch, "S050")
    with pytest.raises(IdentityNotScanned):
        given.good_material(olga, step, "TEXMACS")


@pytest.mark.req("R-126")
def test_no_value_is_taken_before_the_label_was_read(site: Site, olga: User) -> None:
    source = given.short_with(WEIGHED)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, "S025")
    step = given.started(batch, "S025")
    with pytest.raises(IdentityNotScanned):
        services.record_entry(actor=olga, step=step, name="seal", value="yes")
    with pytest.raises(IdentityNotScanned):
        services.record_not_applicable(actor=olga, step=step, name="remark", reason="Nothing to be read")
    services.scan_for_step(actor=olga, step=step, code=identity_given.bag_of(batch.order).label)
    services.record_entry(actor=olga, step=step, name="seal", value="yes")
    assert step.entries.count() == 1


def sent(client: APIClient, step: Step, code: str, key: str) -> tuple[int, str]:
    answer = client.post(f"/api/v1/steps/{step.id}/scans", {"code": code}, headers={"Idempotency-Key": key})
    said = answer.json() if answer["Content-Type"] == "application/json" else {}
    return answer.status_code, said.get("code", "")


@pytest.mark.req("R-068")
def test_a_scan_that_was_cut_off_leaves_nothing_and_is_taken_when_it_comes_again(
    step: Step, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process ends after the label is written down and before the step knows of it."""
    client, bag = people.client_of(olga), identity_given.bag_of(step.batch.order)
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(StepScan.objects, "create", Mock(side_effect=MemoryError))
        assert sent(client, step, bag.label, "scan 1")[0] == 500
    assert not Scan.objects.filter(step_id=step.id).exists()
    for _ in range(2):
        assert sent(client, step, bag.label, "scan 1") == (201, "")
    assert (Scan.objects.filter(step_id=step.id).count(), StepScan.objects.filter(step=step).count()) == (1, 1)


@pytest.mark.req("R-068", "R-126")
def test_a_wrong_bag_is_refused_again_when_nobody_heard_the_first_answer(
    step: Step, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = people.client_of(olga), identity_given.bag_of(identity_given.received_order(step.site))
    with monkeypatch.context() as patched:
        patched.setattr("mes.api._remember", Mock())
        assert sent(client, step, other.label, "scan 1") == (409, "wrong_bag")
    assert sent(client, step, other.label, "scan 1") == (409, "wrong_bag")
    assert (Scan.objects.filter(step_id=step.id).count(), BatchException.objects.filter(kind="wrong_bag").count()) == (
        1,
        1,
    )
