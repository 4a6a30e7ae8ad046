"""The demonstration site opens with patients on their way."""

import pytest

from chain_of_identity import demonstration
from chain_of_identity.models import Order
from mes.accounts.models import Site, User
from mes.demonstration import Stage
from tests.given.people import signer

pytestmark = pytest.mark.django_db


def test_six_patients_have_consented_to_their_therapy(site: Site, clara: User) -> None:
    stage = Stage(site, {"clara": clara}, lambda name, meaning: signer(stage.people[name], meaning))
    demonstration.load(stage)
    assert sorted(Order.objects.values_list("product_code", flat=True)) == [
        "CART-A",
        "CART-A",
        "CART-A",
        "CART-A",
        "CART-A",
        "CART-B",
    ]
    assert all(order.consent_at for order in Order.objects.all())
