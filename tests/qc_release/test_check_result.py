"""The second analyst."""

import pytest

from mes.accounts.models import Site
from mes.errors import NotPermitted, StaleVersion, WrongState
from mes.records.queries import is_signed, manifest_digest
from mes.records.signing import Credential, authenticate_signer
from qc_release import services
from qc_release.models import Result
from tests.given import people
from tests.given import qc_release as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock")]


@pytest.mark.req("R-150")
def test_refuses_the_tester_as_checker(site: Site) -> None:
    result = given.result(given.made_batch(site), "viability")
    carl = people.persona(site, "carl")
    with pytest.raises(NotPermitted) as refusal:
        services.check_result(actor=carl, result=result, signer=people.signer(carl, "checked"))
    assert refusal.value.details["rule"] == "not_own_work"
    result.refresh_from_db()
    assert (result.status, result.checked_by) == ("entered", None)


@pytest.mark.req("R-150")
@pytest.mark.parametrize("name", ["olga", "quinn", "anna", "ravi"])
def test_refuses_anybody_who_is_no_analyst(site: Site, name: str) -> None:
    result = given.result(given.made_batch(site), "viability")
    person = people.persona(site, name)
    with pytest.raises(NotPermitted):
        services.check_result(actor=person, result=result, signer=people.signer(person, "checked"))


@pytest.mark.req("R-150")
def test_a_second_analyst_signs_and_dates_it(site: Site) -> None:
    result = given.checked(given.result(given.made_batch(site), "viability"))
    assert result.status == "checked"
    assert result.checked_by == people.persona(site, "cora")
    assert result.checked_at is not None
    assert is_signed(result, "checked")
    with pytest.raises(WrongState):
        given.checked(result)


def test_a_signature_on_something_else_than_was_shown_is_refused(site: Site) -> None:
    batch = given.made_batch(site)
    shown, other = given.result(batch, "viability"), given.result(batch, "endotoxin")
    cora = people.persona(site, "cora")
    credential = Credential(username="cora", password=people.PASSWORD, seen=manifest_digest(other))
    with pytest.raises(StaleVersion):
        authenticate_signer(credential, meaning="checked", site=site, acting=cora, subject=shown)


@pytest.mark.req("R-155")
def test_a_returned_result_stays_and_the_test_is_entered_again(site: Site) -> None:
    batch = given.made_batch(site)
    wrong = given.result(batch, "viability", "9.15")
    cora = people.persona(site, "cora")
    services.return_result(
        actor=cora, result=wrong, reason="Typed one place off: 91.5.", signer=people.signer(cora, "checked")
    )
    right = given.result(batch, "viability", "91.5")
    assert right.purpose == "correction"
    assert list(Result.objects.order_by("id").values_list("value", "status")) == [
        ("9.15", "returned"),
        ("91.5", "entered"),
    ]
