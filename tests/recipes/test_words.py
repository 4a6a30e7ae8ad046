"""Limits and durations read like sentences, always with their unit."""

from decimal import Decimal

import pytest

from recipes.document import Limits
from recipes.words import judged, limits, minutes, number


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("37", "37"),
        ("0.50", "0.50"),
        ("1E6", "10⁶"),
        ("2.50E+9", "2.5 × 10⁹"),
        ("-3E7", "-3 × 10⁷"),
        ("999999", "999999"),
    ],
)
def test_numbers_read_as_people_write_them(value: str, words: str) -> None:
    assert number(Decimal(value)) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"low": "80", "high": "100"}, "80 to 100 %"),
        ({"low": "80"}, "80 % or more"),
        ({"high": "5", "high_strict": True}, "less than 5 %"),
        ({"low": "0", "low_strict": True, "high": "5"}, "more than 0 % and 5 % or less"),
        ({}, ""),
    ],
)
def test_strict_and_inclusive_limits_read_differently(bounds: dict[str, object], words: str) -> None:
    assert limits(Limits.model_validate(bounds), "%").replace("\u202f", " ") == words


def test_everything_a_value_is_judged_by_is_said() -> None:
    bounds = Limits.model_validate({"low": "70", "alert_low": "80", "target": "90", "critical": True})
    words = judged(bounds, "%").replace("\u202f", " ")
    assert words == "70 % or more, alert outside 80 % or more, target 90 %, critical"


@pytest.mark.parametrize(
    ("value", "words"), [("1440", "1 day"), ("5760", "4 days"), ("360", "6 h"), ("90", "90 min"), ("0", "0 min")]
)
def test_durations_use_the_largest_unit_without_a_fraction(value: str, words: str) -> None:
    assert minutes(Decimal(value)) == words
