"""Commands and set-points are ones the class of the unit has, in its unit and inside its range."""

from collections.abc import Iterator

from equipment.classes import EQUIPMENT_CLASSES, Setpoint
from mes.quantities import Quantity
from recipes.document.faults import Place
from recipes.document.recipe import RecipeDocument
from recipes.document.steps import SetPoint, Step

Found = Iterator[tuple[Place, str]]


def set_points_have_one_value(document: RecipeDocument) -> Found:
    """A set-point is written in the step or names a parameter, not both and not neither."""
    for place, step in _commanding(document):
        for tag, point in step.command.setpoints.items() if step.command else ():
            if problem := _value_problem(document, point):
                yield (*place, "command", "setpoints", tag), f"set-point “{tag}” {problem}"


def _value_problem(document: RecipeDocument, point: SetPoint) -> str:
    if (point.value is None) == (point.parameter is None):
        return "needs either value or parameter"
    if point.parameter is not None and point.parameter not in document.parameters:
        return f"names no parameter: “{point.parameter}”"
    return ""


def commands_fit_the_class(document: RecipeDocument) -> Found:
    """A phase maps to a command of its unit class (R-081); each set-point is one the command takes."""
    for place, step in _commanding(document):
        if step.command is None or step.equipment not in document.aliases:
            continue
        unit_class = EQUIPMENT_CLASSES[document.class_of(step)]
        page = unit_class.command(step.command.name)
        if page is None:
            message = f"step {step.id}: a {unit_class.code} has no command “{step.command.name}”"
            yield (*place, "command", "name"), message
            continue
        for tag, point in step.command.setpoints.items():
            here = (*place, "command", "setpoints", tag)
            declared = page.setpoint(tag)
            if declared is None:
                yield here, f"step {step.id}: “{page.name}” takes no set-point “{tag}”"
            elif not _value_problem(document, point):
                yield from ((here, each) for each in _misfits(document.set_point(point), declared))


def _misfits(value: Quantity, declared: Setpoint) -> Iterator[str]:
    if (value.unit or "1") != declared.unit:
        yield f"the unit takes {declared.name} in {declared.unit}, not in {value.unit or 'a pure number'}"
    elif not declared.low <= value.value <= declared.high:
        yield f"{value} is outside what the unit can do ({declared.low:g} to {declared.high:g})"


def _commanding(document: RecipeDocument) -> Iterator[tuple[Place, Step]]:
    return ((place, step) for place, step in document.places() if step.command is not None)
