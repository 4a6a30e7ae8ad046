"""Another limit for another body weight, e.g. a dose per kilogram up to 50 kg and a fixed dose above."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from qc_release.limits.judgement import Given, Judgement, LimitModel, Value
from qc_release.limits.number import Number


class Band(LimitModel):
    """Up to and including `up_to_kg`; the last band has none and takes the rest."""

    up_to_kg: Decimal | None = None
    limit: Number

    def __str__(self) -> str:
        return "above" if self.up_to_kg is None else f"up to {self.up_to_kg} kg"


class ByWeight(LimitModel):
    kind: Literal["by_weight"]
    bands: list[Band] = Field(min_length=2)

    @model_validator(mode="after")
    def _bands_rise_and_leave_no_gap(self) -> Self:
        *rising, last = (band.up_to_kg for band in self.bands)
        if last is not None or None in rising or rising != sorted(set(rising), key=lambda weight: weight or 0):
            raise ValueError("bands rise by up_to_kg, and only the last one has none")
        return self

    def band(self, given: Given) -> Number:
        weight = given.body_weight()
        return next(band.limit for band in self.bands if band.up_to_kg is None or weight <= band.up_to_kg)

    def judge(self, value: Value, given: Given) -> Judgement:
        return self.band(given).judge(value, given)

    def describe(self, given: Given) -> str:
        if given.weight_kg is None:
            return "; ".join(f"{band}: {band.limit.describe(given)}" for band in self.bands)
        return self.band(given).describe(given)
