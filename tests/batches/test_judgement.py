from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.judgement import (
    Bounds,
    Verdict,
    Window,
    hold_window,
    judge,
    read_number,
    window_after,
)
from mes.errors import InvalidInput
from mes.quantities import Quantity

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT_LEAST_70 = Bounds("%", low=Decimal(70))


def verdict(value: str, bounds: Bounds, unit: str = "%") -> Verdict:
    return judge(Quantity(Decimal(value), unit), bounds)


@pytest.mark.req("R-059")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("69.9", Verdict.OUT_OF_LIMIT),
        ("69.99999999999999999999999", Verdict.OUT_OF_LIMIT),
        ("70", Verdict.WITHIN),
        ("70.0", Verdict.WITHIN),
    ],
)
def test_never_rounds_before_it_judges(value: str, expected: Verdict) -> None:
    assert verdict(value, AT_LEAST_70) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", Verdict.OUT_OF_LIMIT), ("4.999", Verdict.WITHIN), ("1", Verdict.OUT_OF_LIMIT)],
)
def test_a_strict_end_is_not_part_of_the_range(value: str, expected: Verdict) -> None:
    strict = Bounds("%", low=Decimal(1), high=Decimal(5), low_strict=True, high_strict=True)
    assert verdict(value, strict) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("79.9", Verdict.ALERT),
        ("80", Verdict.WITHIN),
        ("90", Verdict.WITHIN),
        ("90.1", Verdict.ALERT),
        ("95.1", Verdict.OUT_OF_LIMIT),
    ],
)
def test_alert_limits_lie_inside_action_limits(value: str, expected: Verdict) -> None:
    bounds = Bounds("%", Decimal(70), Decimal(95), False, False, Decimal(80), Decimal(90))
    assert verdict(value, bounds) == expected


def test_a_value_without_limits_is_not_judged() -> None:
    assert verdict("3", Bounds("%")) == Verdict.NOT_JUDGED


def test_another_unit_of_the_same_thing_is_converted() -> None:
    assert verdict("0.08", Bounds("L", low=Decimal("0.07")), "L") == Verdict.WITHIN
    assert verdict("69", Bounds("L", low=Decimal("0.07")), "mL") == Verdict.OUT_OF_LIMIT
    assert verdict("70", Bounds("L", low=Decimal("0.07")), "mL") == Verdict.WITHIN


@pytest.mark.req("R-059")
def test_a_unit_of_something_else_is_refused() -> None:
    with pytest.raises(InvalidInput):
        verdict("70", AT_LEAST_70, "mL")


@pytest.mark.req("R-059")
@pytest.mark.parametrize("text", ["abc", "", "1,5", "NaN", "Infinity", "5.55"])
def test_refuses_what_is_no_number_of_that_precision(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_number(text, decimals=1)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.decimals(-1000, 1000, places=6))
def test_a_value_is_within_exactly_when_it_is_not_below(value: Decimal, low: Decimal) -> None:
    within = judge(Quantity(value, "%"), Bounds("%", low=low)) == Verdict.WITHIN
    assert within == (value >= low)


def test_a_window_is_open_at_both_its_ends() -> None:
    window = window_after(NOON, Decimal(10), Decimal(60))
    assert window.too_early(NOON + timedelta(minutes=9, seconds=59))
    assert not window.too_early(NOON + timedelta(minutes=10))
    assert not window.too_late(NOON + timedelta(minutes=60))
    assert window.too_late(NOON + timedelta(minutes=60, microseconds=1))


def test_a_hold_may_end_within_its_tolerance() -> None:
    window = hold_window(NOON, Decimal(60), Decimal(10))
    assert (window.opens, window.closes) == (
        NOON + timedelta(minutes=50),
        NOON + timedelta(minutes=70),
    )


def test_no_window_is_never_early_or_late() -> None:
    assert not Window().too_early(NOON)
    assert not Window().too_late(NOON)
