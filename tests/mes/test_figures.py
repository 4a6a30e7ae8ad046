"""Long numbers are read in threes."""

from decimal import Decimal

import pytest

from mes.pages.templatetags.ui import NARROW_SPACE, figures, unit


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
