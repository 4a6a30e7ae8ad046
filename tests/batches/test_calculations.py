from decimal import Decimal

import pytest

from batches import services
from batches.models import Batch, CalculatedValue, ExceptionKind
from batches.services.calculations import shown
from mes.accounts.models import User
from tests.given import batches as given
from tests.given import people


@pytest.fixture
def result(batch: Batch) -> CalculatedValue:
    """The viable cells, computed from three values."""
    given.done_before(batch, "S080")
    return given.step(batch, "S070").calculated.get()


@pytest.mark.req("R-018")
def test_a_result_keeps_everything_it_was_computed_from(result: CalculatedValue) -> None:
    inputs = {each["name"]: (each["value"], each["unit"], each["reference"]) for each in result.inputs}
    assert inputs == {
        "concentration": ("100000", "cell/mL", "S020.concentration"),
        "volume": ("80", "mL", "S020.volume"),
        "viability": ("80", "%", "S020.viability"),
    }
    assert result.formula == "concentration * volume * viability"
    assert result.formula_version.startswith("1")
    assert result.rounding == "0 decimals, half-even"
    assert (Decimal(result.value), result.unit, result.shown) == (Decimal(6400000), "cell", "6400000")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [("2.5", 0, "2"), ("3.5", 0, "4"), ("2.345", 2, "2.34"), ("1E3", None, "1000"), ("2.10", None, "2.1")],
)
def test_people_read_a_result_rounded_half_to_even(value: str, decimals: int | None, text: str) -> None:
    assert shown(Decimal(value), decimals) == text


@pytest.mark.req("R-018")
def test_a_corrected_input_is_carried_through_every_result(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S110")
    first, volume = (given.step(batch, key).calculated.get() for key in ("S070", "S100"))
    entry = given.step(batch, "S020").entries.get(name="volume")
    entry.step = given.step(batch, "S020")
    services.correct_entry(
        actor=olga,
        entry=entry,
        value="160",
        unit="mL",
        reason="Read from the wrong scale",
        signer=people.signer(olga, "performed"),
    )
    again = CalculatedValue.objects.get(supersedes=first)
    volume_again = CalculatedValue.objects.get(supersedes=volume)
    assert Decimal(again.value) == 2 * Decimal(first.value)
    assert Decimal(volume_again.value) == 2 * Decimal(volume.value)
    assert again.step.exceptions.get().kind == ExceptionKind.RECALCULATED
