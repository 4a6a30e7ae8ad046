"""Specifications as documents: exact, sourced, and with faults that say where they are."""

from decimal import Decimal
from pathlib import Path

import pytest

import qc_release
from mes.errors import InvalidInput
from qc_release.document import Patient, read_specification
from qc_release.limits import Verdict

LIBRARY = Path(qc_release.__file__).parent / "library"
CART_A = (LIBRARY / "cart_a.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["cart_a.yaml", "cart_b.yaml"])
def test_library_specifications_are_valid_and_every_limit_has_a_source_or_says_illustrative(name: str) -> None:
    document = read_specification((LIBRARY / name).read_text(encoding="utf-8"))
    assert all(test.source or test.illustrative for test in document.tests)
    assert all(test.describe(Patient()) for test in document.tests)


def test_one_test_has_another_limit_at_another_stage() -> None:
    document = read_specification(CART_A)
    early, late = document.test("ipc_day_5", "car_percent"), document.test("release", "car_percent")
    assert early.judge("6", unit="%", patient=Patient()).verdict == Verdict.PASS
    assert late.judge("6", unit="%", patient=Patient()).verdict == Verdict.FAIL


def test_negative_to_date_passes_on_day_10_and_waits_at_release() -> None:
    document = read_specification(CART_A)
    verdicts = {
        stage: document.test(stage, "sterility").judge("negative to date", unit="", patient=Patient()).verdict
        for stage in ("ipc_day_10", "release")
    }
    assert verdicts == {"ipc_day_10": Verdict.PASS, "release": Verdict.PENDING}


def test_numbers_are_kept_exactly_as_typed() -> None:
    source = CART_A.replace("limit: {kind: number, low: 10}", "limit: {kind: number, low: 0.10}")
    limit = read_specification(source).test("release", "car_percent").limit
    assert limit.model_dump(exclude_none=True)["low"] == Decimal("0.10")


@pytest.mark.parametrize(
    ("typed", "instead", "where"),
    [
        ("kind: number, low: 10}", "kind: number, low: ten}", "limit"),
        ("stage: ipc_day_5, name: CAR", "stage: day_6, name: CAR", "there is no stage day_6"),
        (", source: PMC11461191 Table 1}", "}", "a limit has a source"),
        ("id: cd3_percent, stage: release", "id: viability, stage: release", "a test stands once at a stage"),
        ("change: First version.", "chnage: First version.", "chnage"),
    ],
)
def test_a_fault_says_where_it_is(typed: str, instead: str, where: str) -> None:
    assert typed in CART_A
    with pytest.raises(InvalidInput) as refusal:
        read_specification(CART_A.replace(typed, instead))
    assert where in str(refusal.value.details["faults"])


def test_what_is_not_yaml_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_specification("tests: [")


def test_yaml_cannot_make_objects() -> None:
    with pytest.raises(InvalidInput):
        read_specification("!!python/object/apply:os.getcwd []")
