"""What every kind of limit gets and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mes.errors import InvalidInput

Value = str | Mapping[str, str]
"""A reported value as it was typed; a mapping where one test has several parts."""


class LimitError(InvalidInput):
    """The value cannot be judged: not a number, an unknown word, no body weight."""

    code = "cannot_be_judged"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    PENDING = "pending"
    REPORTED = "reported"


@dataclass(frozen=True)
class Judgement:
    """`limit` is the limit in words as it applied, `judged` the value after the rounding the specification states."""

    verdict: Verdict
    reason: str
    limit: str
    judged: str = ""


class Rounding(BaseModel):
    """The rounding a specification states (USP general notices 7.20: half up). Negative decimals: tens, hundreds…"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decimals: int
    mode: Literal["half_up", "half_even"] = "half_up"

    def apply(self, value: Decimal) -> Decimal:
        how = ROUND_HALF_UP if self.mode == "half_up" else ROUND_HALF_EVEN
        return value.quantize(Decimal(1).scaleb(-self.decimals), rounding=how)

    def __str__(self) -> str:
        places = f"{self.decimals} decimal{'s' * (self.decimals != 1)}"
        return places if self.decimals >= 0 else f"the nearest 1E{-self.decimals}"


@dataclass(frozen=True)
class Given:
    """Everything a limit may depend on besides the value. `reported_unit` is the unit the value was reported in."""

    unit: str = ""
    reported_unit: str = ""
    rounding: Rounding | None = None
    weight_kg: Decimal | None = None
    volume_ml: Decimal | None = None
    hours: Decimal = field(default=Decimal(1))

    def body_weight(self) -> Decimal:
        if self.weight_kg is None or self.weight_kg <= 0:
            raise LimitError("This limit depends on body weight, and the order has none.", missing="weight_kg")
        return self.weight_kg


class LimitModel(BaseModel):
    """Limits are part of an approved document: unknown fields are refused and nothing can be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)
