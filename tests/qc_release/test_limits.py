"""Every kind of limit: what passes, what fails, what waits, and what cannot be judged at all."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mes.errors import InvalidInput
from qc_release.limits import DoseRate, Given, Judgement, Limit, LimitError, Rounding, Value, Verdict, judge

ADAPTER: TypeAdapter[Limit] = TypeAdapter(Limit)


def judged(limit: dict[str, Any], value: Value | None, **given: Any) -> Judgement:
    return judge(ADAPTER.validate_python(limit), value, Given(**given))


@pytest.mark.req("R-151")
@pytest.mark.parametrize(
    ("limit", "value", "verdict"),
    [
        ({"low": "70"}, "69.9", "fail"),
        ({"low": "70"}, "70.0", "pass"),
        ({"above": "70"}, "70", "fail"),
        ({"above": "70"}, "70.0000001", "pass"),
        ({"high": "5"}, "5.00", "pass"),
        ({"below": "5"}, "5.00", "fail"),
        ({"low": "-20", "high": "20"}, "-20", "pass"),
        ({"low": "-20", "high": "20"}, "20.1", "fail"),
    ],
)
def test_inclusive_and_strict_bounds_differ_and_nothing_is_rounded_first(
    limit: dict[str, str], value: str, verdict: str
) -> None:
    assert judged({"kind": "number", **limit}, value).verdict == verdict


@pytest.mark.req("R-151")
@pytest.mark.parametrize(("value", "verdict"), [("5.04", "pass"), ("5.05", "fail"), ("<0.5", "pass")])
def test_rounds_only_as_the_specification_states(value: str, verdict: str) -> None:
    limit = {"kind": "number", "high": "5.0"}
    assert judged(limit, value, rounding=Rounding(decimals=1)).verdict == verdict


def test_without_a_stated_rounding_5_04_fails_5_0() -> None:
    assert judged({"kind": "number", "high": "5.0"}, "5.04").verdict == Verdict.FAIL


@pytest.mark.parametrize(
    ("limit", "value", "verdict"),
    [
        ({"high": "5"}, "<5", "pass"),
        ({"below": "5"}, "<5", "pass"),
        ({"below": "5"}, "<=5", "fail"),
        ({"high": "5"}, "≤5", "pass"),
        ({"high": "5"}, "<5.1", "fail"),
        ({"low": "70"}, "<98", "fail"),
        ({"low": "70"}, ">70", "pass"),
        ({"above": "70"}, ">70", "pass"),
        ({"above": "70"}, ">=70", "fail"),
        ({"high": "5"}, ">1", "fail"),
    ],
)
def test_a_value_reported_as_a_bound_passes_only_when_it_proves_the_limit(
    limit: dict[str, str], value: str, verdict: str
) -> None:
    assert judged({"kind": "number", **limit}, value).verdict == verdict


@for_all(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.decimals(-1000, 1000, places=3))
def test_a_value_meets_either_at_most_or_above_the_same_bound(value: Decimal, bound: Decimal) -> None:
    at_most = judged({"kind": "number", "high": str(bound)}, f"{value:f}").verdict
    above = judged({"kind": "number", "above": str(bound)}, f"{value:f}").verdict
    assert {at_most, above} == {Verdict.PASS, Verdict.FAIL}


def test_units_are_converted_explicitly() -> None:
    limit = {"kind": "number", "high": "1"}
    assert judged(limit, "900", unit="mg/mL", reported_unit="ug/mL").verdict == Verdict.PASS
    assert judged(limit, "1100", unit="mg/mL", reported_unit="ug/mL").verdict == Verdict.FAIL


def test_another_kind_of_unit_is_refused() -> None:
    with pytest.raises(InvalidInput):
        judged({"kind": "number", "high": "5"}, "3", unit="EU/mL", reported_unit="%")


@pytest.mark.parametrize("text", ["5,0", "abc", "NaN", "Infinity", "< ", "1 000"])
def test_what_is_not_a_number_is_refused_not_failed(text: str) -> None:
    with pytest.raises(InvalidInput):
        judged({"kind": "number", "high": "5"}, text)


@pytest.mark.req("R-151")
def test_detected_fails_where_not_detected_is_accepted() -> None:
    limit = {"kind": "category", "accepted": ["not detected"], "choices": ["not detected", "detected"]}
    assert judged(limit, "detected").verdict == Verdict.FAIL
    assert judged(limit, "Not detected").verdict == Verdict.PASS
    with pytest.raises(LimitError):
        judged(limit, "not really")


@pytest.mark.parametrize(
    ("interim", "value", "verdict"),
    [
        (True, "negative to date", "pass"),
        (True, "negative", "pass"),
        (True, "positive", "fail"),
        (False, "negative to date", "pending"),
        (False, "negative", "pass"),
        (False, "positive", "fail"),
    ],
)
def test_negative_to_date_is_enough_for_an_interim_control_only(*, interim: bool, value: str, verdict: str) -> None:
    assert judged({"kind": "negative", "interim": interim}, value).verdict == verdict


@pytest.mark.req("R-151")
def test_report_only_has_no_verdict_but_must_still_be_a_number() -> None:
    assert judged({"kind": "report"}, "2.13E10").verdict == Verdict.REPORTED
    with pytest.raises(InvalidInput):
        judged({"kind": "report"}, "many")


def test_no_result_yet_is_pending() -> None:
    assert judged({"kind": "number", "high": "5"}, None).verdict == Verdict.PENDING


TWO_OF_THREE: dict[str, Any] = {
    "kind": "at_least",
    "needed": 2,
    "of": [{"id": name, "name": name, "limit": {"kind": "number", "low": "10"}} for name in "abc"],
}


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"a": "10", "b": "11", "c": "1"}, "pass"),
        ({"a": "10", "b": "11"}, "pass"),
        ({"a": "10", "b": "1"}, "pending"),
        ({"a": "1", "b": "1"}, "fail"),
        ({"a": "10", "b": "1", "c": "9.99"}, "fail"),
        ({}, "pending"),
    ],
)
def test_two_of_three_passes_fails_or_waits_for_what_can_still_decide(values: dict[str, str], verdict: str) -> None:
    assert judged(TWO_OF_THREE, values).verdict == verdict


def test_a_value_for_a_part_nobody_knows_is_refused() -> None:
    with pytest.raises(LimitError):
        judged(TWO_OF_THREE, {"a": "10", "z": "10"})


ENDOTOXIN = {"kind": "dose_rate", "k": "5", "below": "5"}


@pytest.mark.parametrize(
    ("weight", "value", "verdict"),
    [
        ("70", "4.99", "pass"),
        ("70", "5", "fail"),
        ("10", "1.0", "pass"),
        ("10", "1.01", "fail"),
        ("10", "4.99", "fail"),
    ],
)
def test_endotoxin_follows_the_stricter_of_product_limit_and_patient_limit(
    weight: str, value: str, verdict: str
) -> None:
    given = {"weight_kg": Decimal(weight), "volume_ml": Decimal(50), "unit": "EU/mL", "reported_unit": "EU/mL"}
    assert judged(ENDOTOXIN, value, **given).verdict == verdict


@pytest.mark.parametrize(("weight", "limit"), [("70", "7"), ("10", "1")])
def test_endotoxin_limit_of_one_50_ml_bag_is_the_worked_example(weight: str, limit: str) -> None:
    """K/M with K = 5 USP-EU/kg and hour: 70 kg gives 7.0 EU/mL, a 10 kg child 1.0 EU/mL (USP 35 <85>)."""
    given = {"weight_kg": Decimal(weight), "volume_ml": Decimal(50), "unit": "EU/mL", "reported_unit": "EU/mL"}
    only_k = {"kind": "dose_rate", "k": "5"}
    assert f"≤ {limit} EU/mL" in judged(only_k, "0.1", **given).limit
    assert judged(only_k, limit, **given).verdict == Verdict.PASS
    assert judged(only_k, f"{limit}.0001", **given).verdict == Verdict.FAIL


@pytest.mark.req("R-151")
def test_an_endotoxin_limit_is_printed_readably_with_its_formula_and_judged_exactly() -> None:
    """5 × 70.01 ÷ 97 = 3.60876…: printed as 3.608, judged to the last digit."""
    given = {"weight_kg": Decimal("70.010"), "volume_ml": Decimal("97.00"), "unit": "EU/mL", "reported_unit": "EU/mL"}
    found = judged(ENDOTOXIN, "3.6087", **given)
    formula = "rounded down from K 5 EU per kg and hour × 70.01 kg × 1 h ÷ 97 mL"
    assert found.limit == f"< 5 and ≤ 3.608 EU/mL ({formula})"
    assert found.verdict == Verdict.PASS
    assert judged(ENDOTOXIN, "3.6088", **given).verdict == Verdict.FAIL


@for_all(
    weight=st.decimals("0.5", "250", places=2),
    volume=st.decimals("1", "5000", places=2),
    k=st.decimals("0.2", "5", places=1),
)
def test_the_printed_endotoxin_limit_is_never_looser_than_the_judged_one(
    weight: Decimal, volume: Decimal, k: Decimal
) -> None:
    given = Given(unit="EU/mL", reported_unit="EU/mL", weight_kg=weight, volume_ml=volume)
    [bound] = DoseRate(kind="dose_rate", k=k).bounds(given)
    assert bound.printed is not None
    assert bound.printed <= bound.number <= k * weight / volume
    assert bound.number - bound.printed < bound.number / 1000
    assert "…" not in str(bound)


def test_a_dose_given_in_two_hours_may_hold_twice_as_much_and_one_in_half_an_hour_no_more() -> None:
    given = {"weight_kg": Decimal(10), "volume_ml": Decimal(50), "unit": "EU/mL", "reported_unit": "EU/mL"}
    only_k = {"kind": "dose_rate", "k": "5"}
    assert judged(only_k, "2.0", hours=Decimal(2), **given).verdict == Verdict.PASS
    assert judged(only_k, "1.1", hours=Decimal("0.5"), **given).verdict == Verdict.FAIL


@pytest.mark.parametrize("missing", ["weight_kg", "volume_ml"])
def test_a_patient_limit_without_patient_figures_is_refused(missing: str) -> None:
    given = {"weight_kg": Decimal(10), "volume_ml": Decimal(50)} | {missing: None}
    with pytest.raises(LimitError) as refusal:
        judged(ENDOTOXIN, "1", **given)
    assert refusal.value.details["missing"] == missing


DOSE: dict[str, Any] = {
    "kind": "by_weight",
    "bands": [
        {"up_to_kg": "50", "limit": {"kind": "number", "low": "2E5", "high": "5E6", "per_kg": True}},
        {"limit": {"kind": "number", "low": "1E7", "high": "2.5E8"}},
    ],
}


@pytest.mark.parametrize(
    ("weight", "dose", "verdict"),
    [
        ("50", "1E7", "pass"),
        ("50", "9.99E6", "fail"),
        ("50", "2.5E8", "pass"),
        ("50.1", "2.5E8", "pass"),
        ("11.4", "2.28E6", "pass"),
        ("11.4", "5.8E7", "fail"),
        ("80", "2.6E8", "fail"),
    ],
)
def test_dose_is_per_kilogram_up_to_50_kg_and_fixed_above(weight: str, dose: str, verdict: str) -> None:
    assert judged(DOSE, dose, weight_kg=Decimal(weight)).verdict == verdict


@pytest.mark.parametrize(
    "limit",
    [
        {"kind": "number"},
        {"kind": "number", "low": "5", "above": "4"},
        {"kind": "number", "low": "5", "high": "4"},
        {"kind": "number", "high": "5", "hihg": "6"},
        {"kind": "category", "accepted": ["clear"], "choices": ["turbid", "clumps"]},
        {"kind": "at_least", "needed": 3, "of": TWO_OF_THREE["of"][:2]},
        {"kind": "by_weight", "bands": [DOSE["bands"][1], DOSE["bands"][0]]},
        {"kind": "guess"},
    ],
)
def test_a_limit_that_makes_no_sense_is_no_limit(limit: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(limit)
