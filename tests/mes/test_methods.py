"""Nothing is ever deleted over the API: a GMP record stays, and is voided with a reason where it was wrong (R-015)."""

import pytest

from mes.accounts.models import Site
from mes.accounts.rights import Role
from mes.matrix import calls
from tests.given.people import a_person, client_of

OWN_TOKEN = "/api/v1/me"


def test_no_call_deletes_anything_but_ones_own_token() -> None:
    assert [call.path for call in calls() if call.method == "delete"] == [OWN_TOKEN]


@pytest.mark.django_db
@pytest.mark.req("R-015")
@pytest.mark.parametrize("roles", [set(Role) - {Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}], ids=["gmp", "accounts"])
def test_delete_is_refused_to_whoever_may_do_everything(site: Site, roles: set[Role]) -> None:
    """An administrator holds no other role, so two people are needed to hold them all."""
    client = client_of(a_person(site, "somebody", *roles))
    addresses = {call.path: call.url() for call in calls() if call.path != OWN_TOKEN}
    answers = {path: client.delete(address) for path, address in addresses.items()}
    refusals = {path: (answer.status_code, answer.json()["code"]) for path, answer in answers.items()}
    assert set(refusals.values()) <= {(405, "method_not_allowed"), (403, "not_permitted")}
