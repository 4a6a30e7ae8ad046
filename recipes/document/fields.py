"""The kinds of value a recipe is made of. Numbers are exact decimals; a unit is one the laboratory knows."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from mes.errors import InvalidInput
from mes.quantities import parse_decimal, parse_unit

# As text, the form in which stored documents carry numbers; see mes.quantities.parse_decimal.
WRITTEN_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"


def _exact(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    try:
        return parse_decimal(value if isinstance(value, str) else "")
    except InvalidInput as error:
        raise ValueError(error.message) from error


def _known_unit(text: str) -> str:
    try:
        parse_unit(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error
    return text


Number = Annotated[
    Decimal,
    BeforeValidator(_exact),
    WithJsonSchema({"type": ["number", "string"], "pattern": WRITTEN_NUMBER}),
]
Unit = Annotated[str, AfterValidator(_known_unit)]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="a name that formulas can use")]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$", max_length=32)]
Minutes = Annotated[Number, Field(ge=0)]
Percent = Annotated[Number, Field(ge=0)]


class Part(BaseModel):
    """Every part of a document: frozen, and a field it does not know is a fault, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Sourced(Part):
    """A part with figures: either published (`citation`) or the site's own to define (`illustrative`)."""

    citation: Text | None = Field(None, description="id of a citation, with the table or page after it")
    illustrative: bool = Field(False, description="nobody published this figure; the value only shows the form")

    @property
    def has_source(self) -> bool:
        return self.illustrative or self.citation is not None


class Limits(Sourced):
    """Action limits (`low`, `high`; inclusive unless strict) around alert limits around a target."""

    low: Number | None = None
    high: Number | None = None
    low_strict: bool = Field(False, description="the value must be above `low`, not equal to it")
    high_strict: bool = Field(False, description="the value must be below `high`, not equal to it")
    alert_low: Number | None = None
    alert_high: Number | None = None
    target: Number | None = None
    critical: bool = False

    @property
    def has_figures(self) -> bool:
        return any(each is not None for each in self.bounds)

    @property
    def bounds(self) -> tuple[Decimal | None, ...]:
        """From low to high: action low, alert low, target, alert high, action high."""
        return (self.low, self.alert_low, self.target, self.alert_high, self.high)
