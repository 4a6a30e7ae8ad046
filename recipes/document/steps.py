"""Steps (ISA-88 phases): what one person or one unit does before the next thing may happen."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from recipes.document.fields import (
    Code,
    Limits,
    Minutes,
    Name,
    Number,
    Part,
    Percent,
    Sourced,
    Text,
    Unit,
)

StepId = Annotated[str, Field(pattern=r"^S[0-9]{3,4}$")]
StepKind = Literal[
    "instruction",
    "entry",
    "identity_check",
    "line_clearance",
    "material_addition",
    "equipment_command",
    "timed_hold",
    "sample",
    "calculation",
    "transfer",
    "decision",
    "signature",
]
SignaturePolicy = Literal["none", "performed", "verified_observed", "verified_blind"]
CredentialPolicy = Literal["session", "full"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Grade = Literal["A", "B", "C", "D"]


class Entry(Limits):
    """One value a person records. `accepted` are the answers inside limits of a choice or yes_no entry."""

    id: Name
    name: Text
    type: Literal["number", "text", "choice", "yes_no"] = "number"
    unit: Unit = ""
    precision: Annotated[int, Field(ge=0, le=9)] | None = Field(None, description="decimals at most")
    required: bool = True
    choices: tuple[Text, ...] = ()
    accepted: tuple[Text, ...] = ()
    may_be_not_applicable: bool | None = Field(
        None, description="may be recorded as not applicable, with a reason; unless written, what is optional may"
    )

    @property
    def answers(self) -> tuple[str, ...]:
        """What can be chosen; empty where something is typed."""
        return self.choices or (("yes", "no") if self.type == "yes_no" else ())

    @property
    def can_be_left_out(self) -> bool:
        """May it be recorded that the question does not apply?"""
        return not self.required if self.may_be_not_applicable is None else self.may_be_not_applicable


class MaterialNeed(Sourced):
    """A material the step consumes: a fixed `quantity`, or the amount a former step computed (`quantity_from`)."""

    code: Code
    quantity: Annotated[Number, Field(gt=0)] | None = None
    quantity_from: Text | None = Field(None, description="reference to a computed value, e.g. S110.vector_volume")
    unit: Unit
    tolerance_percent: Percent = Decimal(0)


class SetPoint(Sourced):
    """A value for the unit: written here, or taken from a formula parameter (which carries its own source)."""

    value: Number | None = None
    unit: Unit = ""
    parameter: Name | None = None


class Command(Part):
    """What the unit is told, e.g. `culture` with set-points by tag."""

    name: Name
    setpoints: dict[Name, SetPoint] = Field(default_factory=dict)


class Hold(Sourced):
    """How long, in process minutes; done between `minutes - tolerance` and `minutes + tolerance`."""

    minutes: Annotated[Number, Field(gt=0)]
    tolerance_minutes: Minutes = Decimal(0)


class Window(Sourced):
    """The step starts not before and not after so many minutes from the completion of step `after`."""

    after: StepId
    at_least_minutes: Minutes | None = None
    at_most_minutes: Minutes | None = None


class SampleNeed(Sourced):
    code: Code
    stage: Name
    tests: Annotated[tuple[Name, ...], Field(min_length=1)]
    quantity: Annotated[Number, Field(gt=0)]
    unit: Unit


class Calculation(Limits):
    """A value the system computes. `formula` is a library formula's name or an expression over the inputs.

    `decimals` rounds the stored result half-even; None keeps every digit. Limits judge the unrounded result.
    """

    formula: Text
    inputs: dict[Name, Text]
    result: Name
    name: Text | None = Field(None, description="the result in words, e.g. Vector volume")
    unit: Unit
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None


class Target(Part):
    """Containers a transfer makes: `count` of a kind, or between `count` and `at_most`."""

    kind: Name
    count: Annotated[int, Field(ge=1)]
    at_most: Annotated[int, Field(ge=1)] | None = None


class Transfer(Part):
    action: Literal["split", "pool", "transfer", "fill"]
    into: Annotated[tuple[Target, ...], Field(min_length=1)]


class Decision(Part):
    question: Text
    choices: Annotated[tuple[Text, ...], Field(min_length=2)]


class PhotoNeed(Part):
    """What the step wants a picture of. A photo that is taken again stands beside the first and counts for it."""

    id: Name
    name: Text
    required: bool = True
    at_most: Annotated[int, Field(ge=1, le=9)] = 1


class Step(Sourced):
    """A phase. A `citation` or `illustrative` mark here covers every figure in the step that has none of its own."""

    id: StepId
    kind: StepKind
    title: Text
    text: str = ""
    entries: tuple[Entry, ...] = ()
    photos: tuple[PhotoNeed, ...] = ()
    materials: tuple[MaterialNeed, ...] = ()
    equipment: Name | None = Field(None, description="alias from the equipment list; a fit unit is bound to the step")
    command: Command | None = None
    hold: Hold | None = None
    window: Window | None = None
    sample: SampleNeed | None = None
    calculation: Calculation | None = None
    transfer: Transfer | None = None
    decision: Decision | None = None
    when: Text | None = Field(None, description="runs only when so decided, e.g. S050 == 'low'")
    parallel: Name | None = Field(None, description="neighbouring steps of the same group run at the same time")
    signature: SignaturePolicy = "none"
    credential: CredentialPolicy = Field(
        "session", description="session: PIN after the first signature; full: password or passkey every time"
    )
    severity: Severity = "medium"
    deviation_reasons: Annotated[tuple[Text, ...], Field(max_length=6)] = Field(
        (), description="what an operator chooses from when a value is out of limit; general ones where there are none"
    )
    deviation_second_person: bool = Field(
        False, description="a second person signs a deviation that is recorded while the step runs"
    )
    blocks: bool = Field(False, description="an exception at this step blocks the steps after it")
    hold_when_silent: bool | None = Field(
        None, description="the batch is held when nothing is heard of the unit while this step runs"
    )
    grade: Grade | None = None
    online_only: bool = Field(False, description="nothing is recorded here while the tablet has no network")
