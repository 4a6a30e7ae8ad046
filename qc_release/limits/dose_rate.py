"""A contaminant the patient may receive at most K of per kilogram and hour, e.g. endotoxin (USP <85>: K/M).

M is the volume given per kilogram and hour, so the product may hold K × body weight ÷ volume per hour. A dose given in
less than an hour counts as one hour. A product bound beside it applies too: both must hold, so the stricter decides.
"""

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Literal

from qc_release.limits.judgement import Given, Judgement, LimitError, LimitModel, Value
from qc_release.limits.measured import Measured, show
from qc_release.limits.number import Bound, describe_bounds, judge_bounds

# What is judged is exact to 28 digits; what is printed has four, and is never higher than what is judged.
_NEVER_LOOSER = Context(prec=28, rounding=ROUND_FLOOR)
_READABLE = Context(prec=4, rounding=ROUND_FLOOR)


class DoseRate(LimitModel):
    """`k` per kilogram and hour in the numerator's unit (EU); `high` or `below` is the product's own bound per mL."""

    kind: Literal["dose_rate"]
    k: Decimal
    high: Decimal | None = None
    below: Decimal | None = None

    def bounds(self, given: Given) -> list[Bound]:
        return [*self._product_bounds(), self._patient_bound(given)]

    def judge(self, value: Value, given: Given) -> Judgement:
        return judge_bounds(self.bounds(given), Measured.read(value, given), given)

    def describe(self, given: Given) -> str:
        if given.weight_kg is None or given.volume_ml is None:
            product = [f"{bound} {given.unit}" for bound in self._product_bounds()]
            return " and ".join([*product, f"≤ {show(self.k)} per kg and hour × body weight ÷ volume per hour"])
        return describe_bounds(self.bounds(given), given)

    def _product_bounds(self) -> Iterator[Bound]:
        if self.high is not None:
            yield Bound("≤", self.high)
        if self.below is not None:
            yield Bound("<", self.below)

    def _patient_bound(self, given: Given) -> Bound:
        weight = given.body_weight()
        if given.volume_ml is None or given.volume_ml <= 0:
            raise LimitError("This limit depends on the volume given, and the batch has none.", missing="volume_ml")
        hours = max(given.hours, Decimal(1))
        most = _NEVER_LOOSER.divide(self.k * weight * hours, given.volume_ml)
        printed = _READABLE.plus(most)
        counted = given.unit.partition("/")[0]
        formula = (
            f"K {show(self.k)} {counted} per kg and hour × {_plain(weight)} kg × {_plain(hours)} h"
            f" ÷ {_plain(given.volume_ml)} mL"
        )
        return Bound("≤", most, formula if printed == most else f"rounded down from {formula}", printed)


def _plain(number: Decimal) -> str:
    """70.00 kg is 70 kg."""
    return show(number.normalize())
