"""Long numbers are read in threes."""

from decimal import Decimal

import pytest

from mes.pages.templatetags.ui import unbroken, unit
from mes.quantities import NARROW_SPACE, figures, readable, written


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1234", "1234"),
        ("Limits ≥ 100000 and ≤ 500000000 cell/mL", "Limits ≥ 100 000 and ≤ 500 000 000 cell/mL"),
        ("12345.678901", "12 345.678901"),
        ("0.000123456", "0.000123456"),
        ("CHA9999261234567 of GRAZ-26-00012", "CHA9999261234567 of GRAZ-26-00012"),
    ],
)
def test_numbers_of_five_digits_and_more_are_grouped_and_nothing_else_is(text: str, read: str) -> None:
    assert figures(text).replace(NARROW_SPACE, " ") == read


def test_a_quantity_is_grouped() -> None:
    assert unit(Decimal("1.5E8"), "cell/mL") == "150\u202f000\u202f000\u00a0cell/mL"


@pytest.mark.parametrize(
    ("spelled", "read"),
    [
        ("degC", "°C"),
        ("°C/min", "°C/min"),
        ("1E6/mL", "10⁶/mL"),
        ("1e12 cell", "10¹² cell"),
        ("uL", "µL"),
        ("E/mL", "E/mL"),
    ],
)
def test_a_unit_is_written_in_one_way_however_it_is_spelled(spelled: str, read: str) -> None:
    assert written(spelled) == read
    assert unit("37.0", spelled) == f"37.0\u00a0{read}"


def test_a_sign_stays_with_its_number() -> None:
    assert readable("Limits ≥ 1.5 and ≤ -2 °C, ± 5 %") == "Limits ≥\u00a01.5 and ≤\u00a0-2 °C, ±\u00a05 %"


def test_a_number_off_a_label_does_not_break_and_the_words_around_it_do() -> None:
    assert unbroken("<b> GRAZ-26-0042: re-count") == '&lt;b&gt; <span class="unbroken">GRAZ-26-0042</span>: re-count'
    assert unbroken("937-K7Q · Start step") == '<span class="unbroken">937-K7Q</span> · Start step'
    assert unbroken("CAR-T, RE-COUNT and 2-fold") == "CAR-T, RE-COUNT and 2-fold"
