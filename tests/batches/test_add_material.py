from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest

from batches import services
from batches.errors import AlreadyRecorded
from batches.models import Batch, MaterialUse, Step
from materials.errors import LotUnusable
from materials.models import Lot
from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from mes.records.models import SecurityEvent
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import materials as materials_given


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The first addition comes next."""
    with floor_at("S050") as batch:
        yield batch


@pytest.fixture
def step(batch: Batch, olga: User) -> Step:
    """The addition of 100 mL medium, the label read."""
    step = given.started(batch, "S050")
    services.scan_for_step(actor=olga, step=step, code=f"&/{batch.coi_id}")
    return step


def add(step: Step, actor: User, lot: Lot, quantity: str = "100", unit: str = "mL") -> None:
    services.add_material(actor=actor, step=step, code=lot.barcode, quantity=quantity, unit=unit)


def codes(refusal: pytest.ExceptionInfo[LotUnusable]) -> set[str]:
    return {reason["code"] for reason in refusal.value.details["reasons"]}


@pytest.mark.req("R-090")
def test_a_released_lot_is_used_and_drawn_down(step: Step, olga: User, site: Site) -> None:
    lot = materials_given.released_lot(site, "TEXMACS")
    add(step, olga, lot)
    use = MaterialUse.objects.get(step=step)
    assert (use.material_code, use.quantity, use.unit) == ("TEXMACS", "100", "mL")
    assert lot.remaining - Lot.objects.get(pk=lot.pk).remaining == Decimal("0.1")


@pytest.mark.req("R-090")
def test_what_was_added_is_not_added_a_second_time(step: Step, olga: User, site: Site) -> None:
    lot = materials_given.released_lot(site, "TEXMACS")
    add(step, olga, lot)
    with pytest.raises(AlreadyRecorded, match="TEXMACS was added in this step already"):
        add(step, olga, lot)
    assert MaterialUse.objects.filter(step=step).count() == 1


@pytest.mark.req("R-090")
@pytest.mark.parametrize("wrong", ["quarantined", "expired", "wrong item", "short"])
def test_refuses_a_lot_with_its_reason_and_logs_it(step: Step, olga: User, site: Site, wrong: str) -> None:
    lots = {
        "quarantined": lambda: materials_given.quarantined_lot(site, "TEXMACS"),
        "expired": lambda: materials_given.released_lot(site, "TEXMACS", days=1),
        "wrong item": lambda: materials_given.released_lot(site, "PBS-EDTA"),
        "short": lambda: materials_given.released_lot(site, "TEXMACS", quantity="0.05"),
    }
    reasons = {
        "quarantined": "lot_quarantined",
        "expired": "lot_expired",
        "wrong item": "wrong_material",
        "short": "not_enough",
    }
    lot = lots[wrong]()
    logged = SecurityEvent.objects.count()
    with given.later(2 * 24 * 60 if wrong == "expired" else 0), pytest.raises(LotUnusable) as refusal:
        add(step, olga, lot)
    assert codes(refusal) == {reasons[wrong]}
    assert not MaterialUse.objects.exists()
    assert SecurityEvent.objects.count() == logged + 1


@pytest.mark.parametrize("quantity", ["94.9", "105.1"])
def test_refuses_an_amount_outside_the_tolerance(step: Step, olga: User, site: Site, quantity: str) -> None:
    with pytest.raises(InvalidInput):
        add(step, olga, materials_given.released_lot(site, "TEXMACS"), quantity)


def test_an_amount_in_another_unit_is_converted(step: Step, olga: User, site: Site) -> None:
    add(step, olga, materials_given.released_lot(site, "TEXMACS"), "0.105", "L")
    assert MaterialUse.objects.get().unit == "L"


def test_the_vector_added_is_the_lot_its_volume_was_computed_for(batch: Batch, olga: User, site: Site) -> None:
    step = given.started(batch, "S110")
    services.scan_for_step(actor=olga, step=step, code=f"&/{batch.coi_id}")
    other = materials_given.released_lot(site, "VEC-CD20")
    with pytest.raises(LotUnusable) as refusal:
        add(step, olga, other, "5")
    assert codes(refusal) == {"other_lot"}
