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

_NEVER_LOOSER = Context(prec=28, rounding=ROUND_FLOOR)


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
        because = (
            f"K {show(self.k)} per kg and hour × {show(weight)} kg ÷ {show(given.volume_ml)} mL in {show(hours)} h"
        )
        return Bound("≤", most, because)
