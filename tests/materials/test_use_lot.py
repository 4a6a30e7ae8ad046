"""Only the right, released, unexpired lot with enough in it goes into a step; every other attempt is logged."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from materials import services
from materials.errors import LotUnusable
from materials.models import LotUse
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.quantities import Quantity
from mes.records.models import SecurityEvent
from tests.given import materials as given

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-090")]


def use(actor: Any, lot: Any, *, code: Any = "TEXMACS", value: Any = "250", unit: Any = "mL") -> Any:
    return services.use_lot(
        actor=actor,
        lot=lot,
        material_code=code,
        quantity=Quantity(Decimal(value), unit),
        batch_id=uuid4(),
        step_id=uuid4(),
    )


def test_takes_the_quantity_out_of_the_lot_in_the_unit_of_the_lot(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS", quantity="2", unit="L")

    taken = use(olga, lot)

    lot.refresh_from_db()
    assert lot.remaining == Decimal("1.75")
    assert (taken.quantity, taken.unit, taken.event.actor_name) == (250, "mL", olga.printed_name)


def test_a_lot_can_be_used_up_to_the_last_drop_but_no_further(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS", quantity="0.5", unit="L")
    use(olga, lot, value="500")

    with pytest.raises(LotUnusable):
        use(olga, lot, value="0.000001")


def unusable(site: Site, quinn: User) -> Any:
    """Each way a lot can be wrong, with the reason it must give."""
    expired = given.released_lot(site, "TEXMACS", number="OLD", days=1)
    rejected = given.quarantined_lot(site, "TEXMACS", number="REJ")
    services.reject_lot(actor=quinn, lot=rejected, reason="Label torn")
    return {
        "lot_quarantined": given.quarantined_lot(site, "TEXMACS", number="NEW"),
        "lot_rejected": rejected,
        "lot_expired": expired,
        "wrong_material": given.released_lot(site, "HS-AB", number="HS"),
        "not_enough": given.released_lot(site, "TEXMACS", number="LOW", quantity="0.2", unit="L"),
        "wrong_unit": given.released_lot(site, "TEXMACS", number="BAD"),
    }


@pytest.mark.parametrize(
    "reason",
    ["lot_quarantined", "lot_rejected", "lot_expired", "wrong_material", "not_enough", "wrong_unit"],
)
def test_refuses_with_the_right_reason_and_logs_it(site: Site, olga: User, quinn: User, reason: Any) -> None:
    lot = unusable(site, quinn)[reason]
    unit = "kg" if reason == "wrong_unit" else "mL"

    with given.days_later(2 if reason == "lot_expired" else 0), pytest.raises(LotUnusable) as refusal:
        use(olga, lot, unit=unit)

    assert [each["code"] for each in refusal.value.details["reasons"]] == [reason]
    logged = SecurityEvent.objects.get(kind="refused", action="materials.use_lot")
    assert (logged.user_id, logged.subject, logged.detail) == (olga.id, str(lot), reason)
    assert not LotUse.objects.exists()


def test_tells_every_reason_at_once(site: Site, olga: User) -> None:
    lot = given.quarantined_lot(site, "HS-AB", quantity="10", unit="mL")

    with pytest.raises(LotUnusable) as refusal:
        use(olga, lot)

    codes = {each["code"] for each in refusal.value.details["reasons"]}
    assert codes == {"wrong_material", "lot_quarantined", "not_enough"}


def test_refuses_to_use_nothing(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    with pytest.raises(InvalidInput):
        use(olga, lot, value="0")


def test_a_planner_uses_nothing(site: Site, ines: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    with pytest.raises(NotPermitted):
        use(ines, lot)
