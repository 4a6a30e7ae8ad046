"""Formula parameters at batch creation: only those marked changeable, only inside their limits (R-083)."""

from collections.abc import Mapping
from decimal import Decimal

from mes.errors import InvalidInput, Reason
from mes.quantities import parse_decimal
from recipes.document import Parameter, RecipeDocument
from recipes.errors import ParameterRefused

Overrides = Mapping[str, Decimal | str]


def check_parameters(document: RecipeDocument, overrides: Overrides) -> list[Reason]:
    """Why these values may not replace the targets of the master; empty means they may."""
    reasons = []
    for name, value in overrides.items():
        parameter = document.parameters.get(name)
        if parameter is None:
            reasons.append(Reason("unknown_parameter", f"The recipe has no parameter “{name}”.", name))
        elif reason := _reason_against(parameter, value):
            reasons.append(reason)
    return reasons


def with_parameters(document: RecipeDocument, overrides: Overrides) -> RecipeDocument:
    """The document with these targets in place of the master's; ParameterRefused tells every reason."""
    if reasons := check_parameters(document, overrides):
        raise ParameterRefused.by(reasons)
    parameters = tuple(
        each.model_copy(update={"target": _number(overrides[each.id])}) if each.id in overrides else each
        for each in document.formula.parameters
    )
    formula = document.formula.model_copy(update={"parameters": parameters})
    return RecipeDocument.from_json({**document.to_json(), "formula": formula.model_dump(mode="json")})


def _reason_against(parameter: Parameter, value: Decimal | str) -> Reason | None:
    try:
        number = _number(value)
    except InvalidInput as error:
        return Reason("not_a_number", error.message, parameter.id)
    if number == parameter.target:
        return None
    if not parameter.changeable:
        message = f"{parameter.name} is fixed at {parameter.target:f} {parameter.unit}".rstrip() + "."
        return Reason("not_changeable", message, parameter.id)
    if _outside(parameter, number):
        limits = f"{parameter.low:f} to {parameter.high:f} {parameter.unit}".rstrip()
        return Reason("outside_limits", f"{parameter.name} must be {limits}.", parameter.id)
    return None


def _outside(parameter: Parameter, number: Decimal) -> bool:
    below = parameter.low is not None and number < parameter.low
    return below or (parameter.high is not None and number > parameter.high)


def _number(value: Decimal | str) -> Decimal:
    return value if isinstance(value, Decimal) else parse_decimal(value)
