"""A delivery goes into quarantine, counted in the material's own unit."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from materials import services
from materials.errors import LotExists
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.quantities import Quantity
from mes.records.queries import events_of
from tests.given import materials as given

pytestmark = pytest.mark.django_db


def receive(actor: Any, site: Site, **changes: Any) -> Any:
    facts: dict[str, Any] = {
        "material": given.material(site, "TEXMACS"),
        "number": "TX-77",
        "quantity": Quantity(Decimal(2000), "mL"),
        "expires_at": clock.now(site) + timedelta(days=90),
    }
    return services.receive_lot(actor=actor, **(facts | changes))


def test_a_received_lot_waits_in_quarantine(site: Site, logan: User) -> None:
    lot = receive(logan, site)

    lot.refresh_from_db()
    assert (lot.status, lot.received_by) == ("quarantined", logan)
    assert events_of(lot).get().action == "materials.receive_lot"


def test_the_quantity_is_kept_in_the_unit_of_the_material(site: Site, logan: User) -> None:
    lot = receive(logan, site)

    assert (lot.quantity, lot.remaining, lot.unit) == (2, 2, "L")


def test_a_lot_without_a_label_of_its_own_gets_one_from_code_and_number(site: Site, logan: User) -> None:
    assert receive(logan, site).barcode == "TEXMACS-TX-77"


def test_a_measured_property_is_kept_with_its_unit(site: Site, logan: User) -> None:
    lot = receive(logan, site, attributes={"titre_tu_per_ml": Quantity(Decimal("1E8"), "TU/mL")})

    assert lot.attributes == {"titre_tu_per_ml": {"value": "100000000", "unit": "TU/mL"}}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": " "}, "number"),
        ({"quantity": Quantity(Decimal(0), "mL")}, "quantity"),
        ({"quantity": Quantity(Decimal(-1), "L")}, "quantity"),
    ],
)
def test_refuses_a_delivery_that_says_nothing(site: Site, logan: User, wrong: Any, field: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        receive(logan, site, **wrong)

    assert refusal.value.details["field"] == field


def test_refuses_a_unit_that_does_not_measure_the_material(site: Site, logan: User) -> None:
    with pytest.raises(InvalidInput, match="cannot be converted"):
        receive(logan, site, quantity=Quantity(Decimal(2), "kg"))


def test_refuses_a_lot_that_has_already_expired(site: Site, logan: User) -> None:
    with pytest.raises(InvalidInput, match="already expired"):
        receive(logan, site, expires_at=clock.now(site) - timedelta(seconds=1))


def test_refuses_the_same_lot_twice(site: Site, logan: User) -> None:
    receive(logan, site)

    with pytest.raises(LotExists):
        receive(logan, site)


def test_an_operator_does_not_receive(site: Site, olga: User) -> None:
    with pytest.raises(NotPermitted):
        receive(olga, site)
