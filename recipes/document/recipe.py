"""The whole document, in the parts ISA-88 gives a recipe: header, equipment, formula, procedure, other information."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field

from equipment.classes import EQUIPMENT_CLASSES
from mes.quantities import Quantity
from recipes.document.faults import Place
from recipes.document.fields import Code, Name, Part, Text
from recipes.document.formula import Formula, Parameter
from recipes.document.steps import Grade, SetPoint, Step


def _known_class(code: str) -> str:
    if code not in EQUIPMENT_CLASSES:
        raise ValueError(f"“{code}” is not an equipment class")
    return code


EquipmentClass = Annotated[
    str, AfterValidator(_known_class), Field(json_schema_extra={"enum": sorted(EQUIPMENT_CLASSES)})
]


class Product(Part):
    code: Code
    name: Text
    strength: Text
    dosage_form: Text
    batch_size: Text


class Citation(Part):
    """A published source; figures refer to it by `id`."""

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9-]*$")]
    text: Text
    url: str = ""


class WithoutNetwork(Part):
    """How long a tablet goes on without network, and through how many steps: whichever ends first."""

    minutes: Annotated[int, Field(ge=0, le=240)] = 15
    steps: Annotated[int, Field(ge=0, le=20)] = 3


class Header(Part):
    code: Code
    name: Text
    kind: Literal["autologous", "allogeneic"]
    product: Product
    duration_days: Annotated[int, Field(ge=1)]
    citations: tuple[Citation, ...] = ()
    change: Text = Field(description="what this version changes and why")
    offline: WithoutNetwork = WithoutNetwork()


class EquipmentNeed(Part):
    """A unit the recipe needs, by class; `as` is the name steps use for it."""

    alias: Name = Field(alias="as")
    unit_class: EquipmentClass = Field(alias="class")
    grade: Grade | None = None


class Operation(Part):
    id: Annotated[str, Field(pattern=r"^OP[0-9]{2,3}$")]
    name: Text
    day: Annotated[int, Field(ge=0)] | None = Field(None, description="day of the process on which it begins")
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


class UnitProcedure(Part):
    """Operations that follow each other on one unit (`equipment`)."""

    id: Annotated[str, Field(pattern=r"^UP[0-9]{2}$")]
    name: Text
    equipment: Name
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]


class Information(Part):
    """What else a master record holds (211.186(b)(8), (9)): containers, label specimens, specifications, cautions."""

    containers: Annotated[tuple[Text, ...], Field(min_length=1)]
    labels: Annotated[tuple[Text, ...], Field(min_length=1)]
    sampling: Text
    specifications: Annotated[tuple[Code, ...], Field(min_length=1)]
    precautions: Annotated[tuple[Text, ...], Field(min_length=1)]


class RecipeDocument(Part):
    """What one recipe version says. `recipes.document.load` makes it from YAML, `from_json` from its stored form."""

    recipe: Header
    equipment: Annotated[tuple[EquipmentNeed, ...], Field(min_length=1)]
    formula: Formula
    procedure: Annotated[tuple[UnitProcedure, ...], Field(min_length=1)]
    information: Information

    def to_json(self) -> dict[str, Any]:
        """JSON values only, decimals as text; fields that say nothing are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.model_validate(data)

    def places(self) -> Iterator[tuple[Place, Step]]:
        """Every step in order, with its place in the document."""
        for u, unit_procedure in enumerate(self.procedure):
            for o, operation in enumerate(unit_procedure.operations):
                for s, step in enumerate(operation.steps):
                    yield ("procedure", u, "operations", o, "steps", s), step

    @cached_property
    def steps(self) -> dict[str, Step]:
        """Steps by id, in order."""
        return {step.id: step for _, step in self.places()}

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return {parameter.id: parameter for parameter in self.formula.parameters}

    @cached_property
    def aliases(self) -> dict[str, EquipmentNeed]:
        return {need.alias: need for need in self.equipment}

    def class_of(self, step: Step) -> str:
        """The equipment class the step acts on; empty when the step binds no unit."""
        return self.aliases[step.equipment].unit_class if step.equipment else ""

    def grade_of(self, step: Step) -> str:
        """The room grade the step needs: its own, else its equipment's; empty when none is asked."""
        own = step.grade or (self.aliases[step.equipment].grade if step.equipment else None)
        return own or ""

    def set_point(self, point: SetPoint) -> Quantity:
        """The value to command: written in the step, or the target of the parameter it names."""
        if point.parameter is not None:
            parameter = self.parameters[point.parameter]
            return Quantity(parameter.target, parameter.unit)
        return Quantity(point.value or Decimal(0), point.unit)

    def setpoints_of(self, step: Step) -> dict[str, Quantity]:
        """The step's command with parameters filled in; empty when it commands nothing."""
        points = step.command.setpoints if step.command else {}
        return {tag: self.set_point(point) for tag, point in points.items()}
