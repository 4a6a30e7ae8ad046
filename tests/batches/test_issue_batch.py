import pytest

from batches import services
from batches.errors import NotStartable, StepBlocked
from batches.models import Batch, Step
from batches.states import Command, State
from mes.accounts.models import Site, User
from mes.errors import Conflict, NotPermitted, SignatureRefused, WrongState
from mes.records.queries import is_signed
from mes.records.services import act
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people


def codes(refusal: pytest.ExceptionInfo[NotStartable]) -> set[str]:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


@pytest.mark.req("R-086")
def test_the_issue_is_signed_and_lays_out_every_step(site: Site) -> None:
    batch = given.issued_batch(site)
    assert is_signed(batch, "issued")
    assert Step.objects.filter(batch=batch).count() == 18
    assert {step.status for step in Step.objects.filter(batch=batch)} == {State.IDLE}


@pytest.mark.req("R-081")
def test_every_step_has_an_operation_in_a_unit_procedure(site: Site) -> None:
    batch = given.issued_batch(site)
    assert [up.key for up in batch.unit_procedures.all()] == ["UP01", "UP02"]
    step = given.step(batch, "S070")
    assert (step.operation.key, step.operation.unit_procedure.key) == ("OP030", "UP02")


@pytest.mark.req("R-086")
def test_refuses_a_copy_that_is_not_its_master(site: Site, sven: User) -> None:
    batch = given.planned_batch(site)
    batch.control_recipe["recipe"]["name"] = "Something else"
    with act(sven, "test.tamper", site=site, subject=batch):
        batch.save(update_fields=["control_recipe"])
    with pytest.raises(Conflict):
        services.issue_batch(actor=sven, batch=batch, signer=people.signer(sven, "issued"))


def test_is_issued_once(site: Site, sven: User) -> None:
    batch = given.issued_batch(site)
    with pytest.raises(WrongState):
        services.issue_batch(actor=sven, batch=batch, signer=people.signer(sven, "issued"))


def test_refuses_an_issue_signed_by_somebody_else(site: Site, sven: User, quinn: User) -> None:
    batch = given.planned_batch(site)
    with pytest.raises(SignatureRefused):
        services.issue_batch(actor=sven, batch=batch, signer=people.signer(quinn, "issued"))


def test_an_operator_does_not_issue(site: Site, olga: User) -> None:
    batch = given.planned_batch(site)
    with pytest.raises(NotPermitted):
        services.issue_batch(actor=olga, batch=batch, signer=people.signer(olga, "issued"))


@pytest.mark.req("R-086")
def test_a_batch_does_not_start_before_it_is_issued(site: Site, olga: User) -> None:
    batch = given.planned_batch(site)
    with pytest.raises(NotStartable) as refusal:
        services.command_batch(actor=olga, batch=batch, name=Command.START)
    assert "not_issued" in codes(refusal)


def test_a_batch_does_not_start_before_its_material_was_accepted(site: Site, olga: User) -> None:
    batch = given.issued_batch(site, order=identity_given.delivered_order(site))
    with pytest.raises(NotStartable) as refusal:
        services.command_batch(actor=olga, batch=batch, name=Command.START)
    assert codes(refusal) == {"material_not_accepted"}


@pytest.mark.req("R-086")
def test_no_step_starts_in_a_batch_that_was_not_started(site: Site, olga: User) -> None:
    batch: Batch = given.issued_batch(site)
    with pytest.raises(StepBlocked):
        services.start_step(actor=olga, step=given.step(batch, "S010"))
