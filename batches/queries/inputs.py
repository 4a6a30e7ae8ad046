"""Where a calculation gets its numbers from: recorded values, parameters, the lot, the order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from batches.manifest import current_entries, current_results
from batches.models import Batch, LotChoice, Step
from materials.queries import lot_attribute
from mes.errors import InvalidInput
from mes.quantities import Quantity, parse_decimal
from recipes.document import RecipeDocument
from recipes.document.references import ORDER_UNITS, Reference, parse_reference


@dataclass(frozen=True)
class Input:
    """One input as it is kept with the result: what it is called, where it came from, what it was."""

    name: str
    reference: str
    quantity: Quantity
    source: str

    def as_json(self) -> dict[str, str]:
        return {
            "name": self.name,
            "reference": self.reference,
            "value": f"{self.quantity.value:f}",
            "unit": self.quantity.unit,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Input:
        quantity = Quantity(parse_decimal(data["value"]), data["unit"])
        return cls(data["name"], data["reference"], quantity, data["source"])


def inputs_of(step: Step) -> list[Input] | None:
    """All inputs of the step's calculation, or None while one is not there yet."""
    rule = step.says.calculation
    if rule is None:
        return None
    found = [_input(step, name, text) for name, text in rule.inputs.items()]
    return None if None in found else [each for each in found if each is not None]


def value_of(batch: Batch, text: str) -> Quantity | None:
    """The value a reference stands for in this batch now; None while there is none."""
    found = _find(batch, _reference(text))
    return found[0] if found else None


def lots_asked(step: Step) -> list[str]:
    """The materials whose lot a calculation must know before it can be made."""
    rule = step.says.calculation
    references = [parse_reference(text) for text in rule.inputs.values()] if rule else []
    return [each.owner for each in references if each and each.kind == "lot"]


def _input(step: Step, name: str, text: str) -> Input | None:
    found = _find(step.batch, _reference(text))
    return Input(name, text, *found) if found else None


def _reference(text: str) -> Reference:
    reference = parse_reference(text)
    if reference is None:
        raise InvalidInput(f"“{text}” does not say where a value comes from.", reference=text)
    return reference


def _find(batch: Batch, reference: Reference) -> tuple[Quantity, str] | None:
    """The value and the id of the row it was read from."""
    finders: dict[str, Any] = {
        "step": _from_step,
        "parameter": _from_parameter,
        "lot": _from_lot,
        "order": _from_order,
    }
    found: tuple[Quantity, str] | None = finders[reference.kind](batch, reference)
    return found


def _from_step(batch: Batch, reference: Reference) -> tuple[Quantity, str] | None:
    step = Step.objects.get(batch=batch, key=reference.owner)
    row = current_entries(step).get(reference.name) or current_results(step).get(reference.name)
    return (row.quantity, str(row.id)) if row else None


def _from_parameter(batch: Batch, reference: Reference) -> tuple[Quantity, str]:
    chosen = batch.parameters.get(reference.name)
    if chosen:
        return Quantity(parse_decimal(chosen["value"]), chosen["unit"]), "chosen for this batch"
    parameter = RecipeDocument.from_json(batch.control_recipe).parameters[reference.name]
    return Quantity(parameter.target, parameter.unit), "recipe"


def _from_lot(batch: Batch, reference: Reference) -> tuple[Quantity, str] | None:
    chosen = LotChoice.objects.filter(step__batch=batch, material_code=reference.owner)
    choice = chosen.select_related("lot__material").order_by("at", "id").last()
    return (lot_attribute(choice.lot, reference.name), str(choice.lot.id)) if choice else None


def _from_order(batch: Batch, reference: Reference) -> tuple[Quantity, str]:
    value: Decimal = getattr(batch.order, reference.name)
    return Quantity(value, ORDER_UNITS[reference.name]), str(batch.order_id)
