"""The formula of a recipe: what goes in, what may be set, what must come out (ISA-88)."""

from typing import Annotated

from pydantic import Field

from recipes.document.fields import Code, Name, Number, Part, Percent, Sourced, Text, Unit


class Parameter(Sourced):
    """A value of the process. Only a `changeable` one may differ at batch creation, and only inside its limits."""

    id: Name
    name: Text
    unit: Unit = ""
    target: Number
    low: Number | None = None
    high: Number | None = None
    changeable: bool = False


class Input(Sourced):
    """A component with its amount per batch."""

    material: Code
    name: Text
    quantity: Annotated[Number, Field(gt=0)]
    unit: Unit


class Output(Sourced):
    """What a batch yields in theory, and between which percentages of it no investigation is due (211.186(b)(7))."""

    id: Name
    name: Text
    unit: Unit
    theoretical: Annotated[Number, Field(gt=0)]
    low_percent: Percent
    high_percent: Percent
    actual: Text | None = Field(None, description="reference to the value that is the actual yield, e.g. S330.dose")


class Formula(Part):
    parameters: Annotated[tuple[Parameter, ...], Field(min_length=1)]
    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]
    outputs: Annotated[tuple[Output, ...], Field(min_length=1)]
