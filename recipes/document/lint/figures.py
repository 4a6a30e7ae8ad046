"""Numbers: limits in order, one unit per material, and a source for every figure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from recipes.document.faults import Place
from recipes.document.fields import Limits, Sourced
from recipes.document.recipe import RecipeDocument
from recipes.document.steps import Step

Found = Iterator[tuple[Place, str]]


def limits_are_in_order(document: RecipeDocument) -> Found:
    """Low below high, alert limits inside action limits, the target inside both."""
    for place, step in document.places():
        yield from limits_of_step_in_order(place, step)


def limits_of_step_in_order(place: Place, step: Step) -> Found:
    for inside, limits in _limits_of(step):
        if not _ascending(limits.bounds):
            yield (
                (*place, *inside),
                f"step {step.id}: limits must read low ≤ alert_low ≤ target ≤ alert_high ≤ high",
            )
        elif limits.low is not None and limits.low == limits.high and (limits.low_strict or limits.high_strict):
            yield (*place, *inside), f"step {step.id}: no value lies between these limits"


def _limits_of(step: Step) -> Iterator[tuple[Place, Limits]]:
    for number, entry in enumerate(step.entries):
        yield ("entries", number), entry
    if step.calculation:
        yield ("calculation",), step.calculation


def _ascending(bounds: Sequence[Decimal | None]) -> bool:
    known = [each for each in bounds if each is not None]
    return known == sorted(known)


def parameters_have_limits(document: RecipeDocument) -> Found:
    """A parameter that may change has limits, and its target lies inside them (R-083)."""
    for number, parameter in enumerate(document.formula.parameters):
        place = ("formula", "parameters", number)
        if parameter.changeable and (parameter.low is None or parameter.high is None):
            yield place, f"parameter “{parameter.id}” may be changed and needs low and high"
        if not _ascending((parameter.low, parameter.target, parameter.high)):
            yield place, f"parameter “{parameter.id}”: the target lies outside its limits"


def yields_have_limits(document: RecipeDocument) -> Found:
    """The percentages of theoretical yield run from low to high (R-079)."""
    for number, output in enumerate(document.formula.outputs):
        if output.low_percent >= output.high_percent:
            yield (
                ("formula", "outputs", number),
                f"output “{output.id}”: low_percent must be below high_percent",
            )


def materials_keep_one_unit(document: RecipeDocument) -> Found:
    """Each material a step uses is an input of the formula and is measured there and here in one unit (R-078)."""
    units = {each.material: each.unit for each in document.formula.inputs}
    used: set[str] = set()
    for place, step in document.places():
        for number, need in enumerate(step.materials):
            used.add(need.code)
            here = (*place, "materials", number)
            if need.code not in units:
                yield (*here, "code"), f"material {need.code} is not an input of the formula"
            elif need.unit != units[need.code]:
                yield (
                    (*here, "unit"),
                    f"material {need.code} is measured in {units[need.code]} and here in {need.unit}",
                )
            if (need.quantity is None) == (need.quantity_from is None):
                yield here, f"material {need.code} needs either quantity or quantity_from"
    for number, each in enumerate(document.formula.inputs):
        if each.material not in used:
            yield ("formula", "inputs", number), f"no step uses material {each.material}"


def figures_have_a_source(document: RecipeDocument) -> Found:
    """Every figure is cited or marked illustrative, itself or by its step; a citation names one of the header's."""
    known = {each.id for each in document.recipe.citations}
    for place, part, covered in _sourced_parts(document):
        if part.citation and part.citation.replace(",", " ").split()[0] not in known:
            yield (
                (*place, "citation"),
                f"“{part.citation}” does not begin with the id of a citation",
            )
        if part.citation and part.illustrative:
            yield place, "is both cited and illustrative; it is one of them"
        if not covered and not part.has_source:
            yield place, "has figures and neither a citation nor the mark illustrative: true"


def _sourced_parts(document: RecipeDocument) -> Iterator[tuple[Place, Sourced, bool]]:
    """Each part that can carry a source, and whether it may do without: no figures, or its step speaks for it."""
    formula = document.formula
    groups: tuple[tuple[str, Sequence[Sourced]], ...] = (
        ("parameters", formula.parameters),
        ("inputs", formula.inputs),
        ("outputs", formula.outputs),
    )
    for name, parts in groups:
        for number, part in enumerate(parts):
            yield ("formula", name, number), part, False
    for place, step in document.places():
        yield place, step, True
        for inside, figure, has_figures in _parts_of(step):
            yield (*place, *inside), figure, step.has_source or not has_figures


def _parts_of(step: Step) -> Iterator[tuple[Place, Sourced, bool]]:
    for inside, limits in _limits_of(step):
        yield inside, limits, limits.has_figures
    for number, material in enumerate(step.materials):
        yield ("materials", number), material, material.quantity is not None
    for name in ("hold", "window", "sample"):
        part = getattr(step, name)
        if part is not None:
            yield (name,), part, True
    for tag, point in step.command.setpoints.items() if step.command else ():
        yield ("command", "setpoints", tag), point, point.parameter is None
