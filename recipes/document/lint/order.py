"""What comes before what: windows, conditions, references."""

from collections.abc import Iterator

from recipes.document.conditions import Condition, parse_condition
from recipes.document.faults import Place
from recipes.document.recipe import RecipeDocument
from recipes.document.references import LOT_UNITS, ORDER_UNITS, Reference, parse_reference
from recipes.document.steps import Step

Found = Iterator[tuple[Place, str]]


def windows_look_back(document: RecipeDocument) -> Found:
    """A window counts from an earlier step, and opens before it closes."""
    for place, step, earlier in _in_order(document):
        window = step.window
        if window is None:
            continue
        if window.after not in earlier:
            yield (
                (*place, "window", "after"),
                f"step {step.id}: {window.after} is not an earlier step",
            )
        if window.at_least_minutes is None and window.at_most_minutes is None:
            yield (
                (*place, "window"),
                f"step {step.id}: the window has neither at_least_minutes nor at_most_minutes",
            )
        elif (window.at_least_minutes or 0) > (window.at_most_minutes or window.at_least_minutes or 0):
            yield (*place, "window"), f"step {step.id}: the window closes before it opens"


def conditions_can_hold(document: RecipeDocument) -> Found:
    """A condition names an earlier decision and one of its choices: no step is out of reach."""
    for place, step, earlier in _in_order(document):
        if step.when is None:
            continue
        condition = parse_condition(step.when)
        if condition is None:
            yield (*place, "when"), f"step {step.id}: a condition reads like S050 == 'low'"
            continue
        decided = document.steps.get(condition.step)
        if condition.step not in earlier or decided is None or decided.decision is None:
            yield (*place, "when"), f"step {step.id}: {condition.step} is not an earlier decision"
        elif condition.choice not in decided.decision.choices:
            yield (
                (*place, "when"),
                f"step {step.id}: “{condition.choice}” is not a choice of {condition.step}",
            )


def conditions_of(document: RecipeDocument, step: Step) -> list[Condition]:
    """The step's condition and those of the decisions it hangs on, nearest first."""
    found: list[Condition] = []
    here: Step | None = step
    while here is not None and here.when:
        condition = parse_condition(here.when)
        if condition is None or condition in found:
            break
        found.append(condition)
        here = document.steps.get(condition.step)
    return found


def references_are_earlier(document: RecipeDocument) -> Found:
    """A value comes from an earlier step, a parameter, a lot used or the order, and exists whenever it is asked for."""
    for place, step, earlier in _in_order(document):
        for inside, text in references_of(step):
            reference = parse_reference(text)
            if reference is None:
                yield (
                    (*place, *inside),
                    f"“{text}” is not a reference; write S010.tnc, parameter.moi or order.weight_kg",
                )
            elif problem := _problem(document, reference, step, earlier):
                yield (*place, *inside), f"step {step.id}: {problem}"
    everything = set(document.steps)
    for number, output in enumerate(document.formula.outputs):
        reference = parse_reference(output.actual) if output.actual else None
        if output.actual and (reference is None or _problem(document, reference, None, everything)):
            yield (
                ("formula", "outputs", number, "actual"),
                f"“{output.actual}” is not a value of this recipe",
            )


def references_of(step: Step) -> Iterator[tuple[Place, str]]:
    """The references in a step, each with its place inside the step."""
    if step.calculation:
        for name, text in step.calculation.inputs.items():
            yield ("calculation", "inputs", name), text
    for number, material in enumerate(step.materials):
        if material.quantity_from:
            yield ("materials", number, "quantity_from"), material.quantity_from


def _problem(document: RecipeDocument, reference: Reference, step: Step | None, earlier: set[str]) -> str:
    if reference.kind == "parameter":
        return "" if reference.name in document.parameters else f"there is no parameter “{reference.name}”"
    if reference.kind == "order":
        return "" if reference.name in ORDER_UNITS else f"an order has no “{reference.name}”"
    if reference.kind == "lot":
        return _lot_problem(document, reference)
    return _step_problem(document, reference, step, earlier)


def _lot_problem(document: RecipeDocument, reference: Reference) -> str:
    if reference.owner not in {each.material for each in document.formula.inputs}:
        return f"material {reference.owner} is not an input of the formula"
    return "" if reference.name in LOT_UNITS else f"a lot has no “{reference.name}”"


def _step_problem(document: RecipeDocument, reference: Reference, step: Step | None, earlier: set[str]) -> str:
    source = document.steps.get(reference.owner)
    if source is None or reference.owner not in earlier:
        return f"{reference.owner} is not an earlier step"
    if reference.name not in values_of(source):
        return f"{reference.owner} records no “{reference.name}”"
    own = conditions_of(document, step) if step else []
    if not set(conditions_of(document, source)) <= set(own):
        return f"{reference.owner} may be skipped, then “{reference.name}” does not exist"
    return ""


def values_of(step: Step) -> dict[str, str]:
    """The numbers a step records, with their units."""
    values = {entry.id: entry.unit for entry in step.entries if entry.type == "number"}
    if step.calculation:
        values[step.calculation.result] = step.calculation.unit
    return values


def _in_order(document: RecipeDocument) -> Iterator[tuple[Place, Step, set[str]]]:
    """Each step with the ids that come before it; steps of one parallel group do not wait for each other."""
    done: set[str] = set()
    running: set[str] = set()
    group: tuple[Place, str | None] = ((), None)
    for place, step in document.places():
        here = (place[:4], step.parallel)
        if step.parallel is None or here != group:
            done |= running
            running = set()
        group = here
        yield place, step, set(done)
        running.add(step.id)
