from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from batches import services
from batches.errors import NotTrained
from batches.models import Batch, Step
from batches.states import State
from equipment.models import Unit
from equipment.queries import log_of
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import NotPermitted, WrongState
from mes.records.queries import is_signed
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The first step that a second person verifies comes next."""
    with floor_at("S030") as batch:
        yield batch


@pytest.fixture
def clearance(batch: Batch, olga: User) -> Step:
    """A line clearance that Olga has signed and nobody verified."""
    step = given.prepared(given.started(batch, "S030"))
    services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    return given.step(batch, "S030")


def verify(step: Step, verifier: User, **facts: Any) -> Step:
    signer = people.signer(verifier, "verified")
    return services.verify_step(actor=verifier, step=step, verifier=signer, **facts)


@pytest.mark.req("R-089")
def test_the_second_signature_completes_the_step(clearance: Step, vera: User) -> None:
    step = verify(clearance, vera)
    assert step.status == State.COMPLETE
    assert is_signed(given.step(step.batch, "S030"), "verified")


@pytest.mark.req("R-106")
def test_the_log_book_names_who_took_the_unit_and_who_verified_it(clearance: Step, vera: User, site: Site) -> None:
    unit = Unit.objects.get(site=site, code="INC-1")
    assert uses_of(unit) == [(clearance.batch_id, "Olga Operator", "")]
    verify(clearance, vera)
    assert uses_of(unit) == [(clearance.batch_id, "Olga Operator", "Vera Verifier")]


def uses_of(unit: Unit) -> list[tuple[UUID | None, str, str]]:
    return [(line.batch_id, line.performed_by, line.checked_by) for line in log_of(unit) if line.what == "use"]


@pytest.mark.req("R-034")
@pytest.mark.ux("OP-15")
def test_refuses_the_same_person_as_verifier(clearance: Step, olga: User) -> None:
    with pytest.raises(NotPermitted):
        verify(clearance, olga)
    assert given.step(clearance.batch, "S030").status == State.RUNNING


@pytest.mark.req("R-034")
def test_refuses_whoever_entered_a_value_as_verifier(batch: Batch, olga: User, vera: User) -> None:
    step = given.started(batch, "S030")
    services.record_entry(actor=vera, step=step, name="clear", value="yes")
    services.bind_unit(actor=olga, step=step, code="INC-1")
    services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    with pytest.raises(NotPermitted):
        verify(given.step(batch, "S030"), vera)


@pytest.mark.req("R-052")
def test_refuses_the_verifier_before_the_performer(batch: Batch, vera: User) -> None:
    step = given.prepared(given.started(batch, "S030"))
    with pytest.raises(WrongState) as refusal:
        verify(step, vera)
    assert refusal.value.status == 409


@pytest.mark.req("R-037")
def test_refuses_a_verifier_without_training(clearance: Step, site: Site) -> None:
    nina = people.a_person(site, "nina", Role.VERIFIER)
    with pytest.raises(NotTrained):
        verify(clearance, nina)


def test_refuses_a_person_who_may_not_verify(clearance: Step, quinn: User) -> None:
    with pytest.raises(NotPermitted):
        verify(clearance, quinn)


def test_a_step_is_verified_once(clearance: Step, vera: User, sven: User) -> None:
    verify(clearance, vera)
    with pytest.raises(WrongState):
        verify(given.step(clearance.batch, "S030"), sven)
