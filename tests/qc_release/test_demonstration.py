"""The demonstration site has both library specifications in force and can test every line of them."""

import pytest

from mes.accounts.models import Site
from mes.demonstration import Stage
from qc_release import demonstration
from qc_release.models import Method
from qc_release.queries import effective_specification
from qc_release.states import MethodState
from tests.given import people


@pytest.mark.django_db
@pytest.mark.parametrize("product", ["CART-A", "CART-B"])
def test_every_test_of_the_library_has_an_approved_method(site: Site, product: str) -> None:
    cast = {name: people.persona(site, name) for name in ("ravi", "quinn")}
    demonstration.load(Stage(site, cast, lambda name, meaning: people.signer(cast[name], meaning, site=site)))
    version = effective_specification(site, product)
    assert version is not None
    approved = set(Method.objects.filter(status=MethodState.APPROVED).values_list("code", "number"))
    assert {(test.method.code, test.method.version) for test in version.content.tests} <= approved
