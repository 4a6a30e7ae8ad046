"""Formulas: known, with all their inputs, giving the unit that is recorded."""

from collections.abc import Iterator

from mes.errors import InvalidInput
from mes.quantities import unit_factor
from recipes.document.faults import Place
from recipes.document.lint.order import values_of
from recipes.document.recipe import RecipeDocument
from recipes.document.references import LOT_UNITS, ORDER_UNITS, parse_reference
from recipes.document.steps import Calculation
from recipes.errors import FormulaRefused
from recipes.formula import check, names_in
from recipes.formula_library import LIBRARY, expression_of

Found = Iterator[tuple[Place, str]]


def calculations_fit(document: RecipeDocument) -> Found:
    """The formula parses, asks for exactly the inputs given, and its unit is the unit of the result."""
    for place, step in document.places():
        if step.calculation:
            for inside, message in _problems(document, step.calculation):
                yield (*place, "calculation", *inside), f"step {step.id}: {message}"


def _problems(document: RecipeDocument, calculation: Calculation) -> Found:
    units = {name: unit_of(document, text) for name, text in calculation.inputs.items()}
    known = {name: unit for name, unit in units.items() if unit is not None}
    if len(known) < len(units):
        return  # an unknown reference is told by references_are_earlier
    try:
        unneeded = set(units) - names_in(expression_of(calculation.formula))
        for name in sorted(unneeded):
            yield ("inputs", name), f"the formula does not ask for “{name}”"
        _require_same_kind(calculation, known)
    except FormulaRefused as refusal:
        yield ("formula",), refusal.message


def _require_same_kind(calculation: Calculation, units: dict[str, str]) -> None:
    library = LIBRARY.get(calculation.formula)
    for name, expected in library.inputs.items() if library else ():
        if name in units:
            _require_convertible(units[name], expected, f"“{name}”")
    unit = check(expression_of(calculation.formula), units)
    _require_convertible(unit, calculation.unit, "the result")


def _require_convertible(unit: str, expected: str, what: str) -> None:
    try:
        unit_factor(unit, expected)
    except InvalidInput as error:
        shown = unit or "a pure number"
        raise FormulaRefused(f"{what} is {shown}, which is not {expected or 'a pure number'}") from error


def unit_of(document: RecipeDocument, text: str) -> str | None:
    """The unit of a referenced value; None when the reference leads nowhere."""
    reference = parse_reference(text)
    if reference is None:
        return None
    if reference.kind == "parameter":
        parameter = document.parameters.get(reference.name)
        return parameter.unit if parameter else None
    if reference.kind == "lot":
        return LOT_UNITS.get(reference.name)
    if reference.kind == "order":
        return ORDER_UNITS.get(reference.name)
    step = document.steps.get(reference.owner)
    return values_of(step).get(reference.name) if step else None
