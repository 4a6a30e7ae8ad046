"""The specification as a document: readable, diffable, with a schema and a source for every limit."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from equipment.files.readers import READERS
from mes.errors import InvalidInput
from mes.yaml_text import require_readable
from qc_release.limits import Given, Judgement, Limit, Rounding, Value, judge

Identifier = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MethodName(Part):
    """A test method and the version of it that was validated for this product (R-148)."""

    code: str
    version: str


class Stage(Part):
    id: str = Identifier
    name: str


class FromFile(Part):
    """Which value of which instrument file answers a test by itself, and how much of the sample its method takes."""

    reader: str
    measurement: str
    amount: Decimal = Field(gt=0)
    amount_unit: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_read_by_somebody(self) -> Self:
        known = [reader.name for reader in READERS]
        if self.reader not in known:
            raise ValueError(f"there is no reader {self.reader}; there are {', '.join(known)}")
        return self


class Test(Part):
    """One line of the specification. The same test may stand at several stages with other limits."""

    id: str = Identifier
    stage: str
    name: str
    method: MethodName
    unit: str = ""
    limit: Limit
    rounding: Rounding | None = None
    may_be_pending: bool = False
    source: str = ""
    illustrative: bool = False
    file: FromFile | None = None

    @model_validator(mode="after")
    def _says_where_it_comes_from(self) -> Self:
        if not self.source and not self.illustrative:
            raise ValueError(f"{self.id}: a limit has a source, or is marked illustrative")
        return self

    @property
    def key(self) -> str:
        return f"{self.stage}.{self.id}"

    def judge(self, value: Value | None, *, unit: str, patient: "Patient") -> Judgement:
        return judge(self.limit, value, self._given(unit or self.unit, patient))

    def describe(self, patient: "Patient") -> str:
        """The limit in words, as it applies to this patient."""
        words = self.limit.describe(self._given(self.unit, patient))
        return f"{words}, judged to {self.rounding}" if self.rounding else words

    def _given(self, reported_unit: str, patient: "Patient") -> Given:
        return Given(
            unit=self.unit,
            reported_unit=reported_unit,
            rounding=self.rounding,
            weight_kg=patient.weight_kg,
            volume_ml=patient.volume_ml,
            hours=patient.hours,
        )


class Patient(Part):
    """What limits may depend on: the body weight of the order, the volume to be given and in how many hours."""

    weight_kg: Decimal | None = None
    volume_ml: Decimal | None = None
    hours: Decimal = Decimal(1)


class ShelfLife(Part):
    """How long the product may be used after the batch was complete."""

    hours: Decimal = Field(gt=0)
    source: str = ""
    illustrative: bool = False

    def after(self, completed: datetime) -> datetime:
        return completed + timedelta(seconds=float(self.hours * 3600))


class SpecificationDocument(Part):
    code: str = Field(pattern=r"^[A-Z][A-Z0-9-]{1,29}$")
    name: str
    product_code: str
    product_name: str
    change: str = ""
    citations: list[str] = Field(min_length=1)
    shelf_life: ShelfLife | None = None
    infusion_hours: Decimal = Field(default=Decimal(1), gt=0)
    stages: list[Stage] = Field(min_length=1)
    tests: list[Test] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        stages = {stage.id for stage in self.stages}
        for test in self.tests:
            if test.stage not in stages:
                raise ValueError(f"{test.id}: there is no stage {test.stage}")
        keys = [test.key for test in self.tests]
        if len(set(keys)) < len(keys):
            raise ValueError("a test stands once at a stage")
        return self

    def test(self, stage: str, test_id: str) -> Test:
        """InvalidInput when the specification has no such test at that stage."""
        for test in self.at_stage(stage):
            if test.id == test_id:
                return test
        raise InvalidInput(f"{self.code} has no test {test_id} at stage {stage}.", stage=stage, test=test_id)

    def at_stage(self, stage: str) -> Iterator[Test]:
        return (test for test in self.tests if test.stage == stage)


def read_specification(source: str) -> SpecificationDocument:
    """A document from its YAML or JSON text; InvalidInput with every fault and where it is."""
    try:
        require_readable(source)
        content = yaml.load(source, Loader=_ExactLoader)  # noqa: S506 (a SafeLoader that keeps numbers as typed)
    except yaml.YAMLError as error:
        raise InvalidInput(f"This is not readable YAML: {error}") from error
    return parse_specification(content)


def parse_specification(content: Any) -> SpecificationDocument:
    try:
        return SpecificationDocument.model_validate(content)
    except ValidationError as error:
        faults = [{"where": _where(each["loc"]), "what": each["msg"]} for each in error.errors(include_url=False)]
        first = faults[0]
        raise InvalidInput(f"{first['where']}: {first['what']}", faults=faults) from error


def digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    return SpecificationDocument.model_json_schema()


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "document"


class _ExactLoader(yaml.CSafeLoader):
    """Numbers stay the text that was typed, so 0.10 never becomes a binary fraction on its way to Decimal."""


_ExactLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":float", ":int", ":timestamp"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
