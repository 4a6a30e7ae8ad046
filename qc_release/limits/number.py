"""A number between bounds: `low` and `high` are inclusive, `above` and `below` strict, `per_kg` follows body weight."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from qc_release.limits.judgement import Given, Judgement, LimitModel, Value, Verdict
from qc_release.limits.measured import Measured, show

_SIGNS = {"low": "≥", "above": ">", "high": "≤", "below": "<"}


@dataclass(frozen=True)
class Bound:
    """One side of a limit in the unit of the test. `printed` stands in words for a number too long to read."""

    sign: str
    number: Decimal
    because: str = ""
    printed: Decimal | None = None

    def holds(self, measured: Measured) -> bool:
        if self.sign in ("≥", ">"):
            return measured.shows_at_least(self.number, strict=self.sign == ">")
        return measured.shows_at_most(self.number, strict=self.sign == "<")

    def __str__(self) -> str:
        return f"{self.sign} {show(self.number if self.printed is None else self.printed)}"


class Number(LimitModel):
    kind: Literal["number"]
    low: Decimal | None = None
    above: Decimal | None = None
    high: Decimal | None = None
    below: Decimal | None = None
    per_kg: bool = False

    @model_validator(mode="after")
    def _has_sensible_bounds(self) -> Self:
        if (self.low is not None and self.above is not None) or (self.high is not None and self.below is not None):
            raise ValueError("give a bound once: inclusive (low, high) or strict (above, below)")
        lower = self.low if self.low is not None else self.above
        upper = self.high if self.high is not None else self.below
        if lower is None and upper is None:
            raise ValueError("a number needs at least one bound; use kind: report for a value without limit")
        if lower is not None and upper is not None and lower > upper:
            raise ValueError("the lower bound is above the upper one")
        return self

    def bounds(self, given: Given) -> Iterator[Bound]:
        for name, sign in _SIGNS.items():
            number: Decimal | None = getattr(self, name)
            if number is not None and self.per_kg:
                weight = given.body_weight()
                yield Bound(sign, number * weight, f"{show(number)} per kg × {show(weight)} kg")
            elif number is not None:
                yield Bound(sign, number)

    def judge(self, value: Value, given: Given) -> Judgement:
        return judge_bounds(list(self.bounds(given)), Measured.read(value, given), given)

    def describe(self, given: Given) -> str:
        if self.per_kg and given.weight_kg is None:
            fixed = self.model_copy(update={"per_kg": False})
            return f"{fixed.describe(given)} per kg body weight"
        return describe_bounds(list(self.bounds(given)), given)


def judge_bounds(bounds: list[Bound], measured: Measured, given: Given) -> Judgement:
    """Every bound must hold; the reason names the ones that do not."""
    limit = describe_bounds(bounds, given)
    broken = [bound for bound in bounds if not bound.holds(measured)]
    judged = f"{measured} {given.unit}".strip()
    if not broken:
        return Judgement(Verdict.PASS, f"{judged} meets {limit}.", limit, judged)
    verb = "does not show" if measured.comparator else "is not"
    return Judgement(Verdict.FAIL, f"{judged} {verb} {describe_bounds(broken, given)}.", limit, judged)


def describe_bounds(bounds: list[Bound], given: Given) -> str:
    words = " and ".join(str(bound) for bound in bounds) + (f" {given.unit}" if given.unit else "")
    because = "; ".join(bound.because for bound in bounds if bound.because)
    return f"{words} ({because})" if because else words
