"""Specifications and methods: written by one, approved by another, never changed."""

import pytest
from django.db import DatabaseError, transaction

from mes.accounts.models import Site
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.records.queries import is_signed
from mes.records.services import act
from qc_release import services
from qc_release.errors import MethodNotApproved
from qc_release.models import Method, SpecificationVersion
from qc_release.queries import effective_specification
from tests.given import people
from tests.given import qc_release as given

pytestmark = pytest.mark.django_db


@pytest.mark.req("R-075")
def test_comes_into_force_by_the_signature_of_quality(site: Site) -> None:
    assert effective_specification(site, "CART-A") is None
    version = given.effective_specification(site)
    assert effective_specification(site, "CART-A") == version
    assert version.effective_from is not None
    assert is_signed(version, "approved")


def test_refuses_the_author_and_everybody_without_the_right_as_approver(site: Site) -> None:
    version = given.draft_specification(site)
    for name in ("ravi", "rita", "carl", "olga", "anna"):
        person = people.persona(site, name)
        with pytest.raises(NotPermitted):
            services.approve_version(actor=person, version=version, signer=people.signer(person, "approved"))


def test_a_change_is_a_new_version_under_change_control_that_supersedes_the_old(site: Site) -> None:
    first = given.effective_specification(site)
    with pytest.raises(InvalidInput):
        given.draft_specification(site)
    second = given.effective_specification(site, change_control="CC-1")
    first.refresh_from_db()
    assert (first.status, second.status, second.number) == ("superseded", "effective", 2)
    with pytest.raises(WrongState):
        services.withdraw_version(actor=people.persona(site, "ravi"), version=first, reason="Old.")


def test_a_draft_can_be_given_up_and_stays_readable(site: Site) -> None:
    draft = given.draft_specification(site)
    services.withdraw_version(actor=people.persona(site, "ravi"), version=draft, reason="A mistake.")
    draft.refresh_from_db()
    assert (draft.status, draft.content.code) == ("withdrawn", "CART-A")


@pytest.mark.req("R-077")
def test_the_database_lets_nobody_change_a_version(site: Site) -> None:
    given.effective_specification(site)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        act(people.persona(site, "quinn"), "test.alter", site=site),
    ):
        SpecificationVersion.objects.update(document={})


def test_refuses_a_text_that_is_no_specification(site: Site) -> None:
    with pytest.raises(InvalidInput):
        given.draft_specification(site, "code: CART-A")
    assert not SpecificationVersion.objects.exists()


@pytest.mark.req("R-148")
def test_a_method_needs_proof_of_its_suitability(site: Site) -> None:
    with pytest.raises(InvalidInput):
        services.add_method(
            actor=people.persona(site, "ravi"), site=site, code="LAL", number="1", name="LAL", suitability=" "
        )


@pytest.mark.req("R-148")
@pytest.mark.parametrize("state", ["unknown", "draft", "retired"])
def test_refuses_a_method_that_is_not_approved(site: Site, state: str) -> None:
    version = given.draft_specification(site)
    for test in version.content.tests:
        if test.id != "viability":
            given.approved_method(site, test.method.code)
    if state == "draft":
        given.draft_method(site, "FLOW-VIA")
    if state == "retired":
        method = given.approved_method(site, "FLOW-VIA")
        services.retire_method(actor=people.persona(site, "quinn"), method=method, reason="Replaced.")
    quinn = people.persona(site, "quinn")
    services.approve_version(actor=quinn, version=version, signer=people.signer(quinn, "approved"))
    batch = given.made_batch(site)
    with pytest.raises(MethodNotApproved):
        given.result(batch, "viability")
    assert given.result(batch, "endotoxin").method == Method.objects.get(code="LAL")
