"""A recipe as people read it: the procedure as a tree, each step with its facts and their sources."""

from collections.abc import Iterator
from dataclasses import dataclass

from recipes.document import (
    Input,
    Operation,
    Output,
    Parameter,
    RecipeDocument,
    Sourced,
    Step,
    Target,
    UnitProcedure,
)
from recipes.words import amount, judged, limits, minutes, number, yields


@dataclass(frozen=True)
class Fact:
    """One line about a step: what, how much, and who says so."""

    label: str
    value: str
    citation: str = ""
    illustrative: bool = False


SIGNING = {
    "none": "",
    "performed": "Signed by who performs it.",
    "verified_observed": "Signed by who performs it and by a second person who watches.",
    "verified_blind": "Signed by two people; the second records the values without seeing the first.",
}


@dataclass(frozen=True)
class StepReading:
    step: Step
    facts: list[Fact]

    @property
    def kind(self) -> str:
        return self.step.kind.replace("_", " ").capitalize()

    @property
    def signature(self) -> str:
        said = SIGNING[self.step.signature]
        return f"{said} Password or passkey every time." if said and self.step.credential == "full" else said


@dataclass(frozen=True)
class OperationReading:
    operation: Operation
    steps: list[StepReading]


@dataclass(frozen=True)
class UnitProcedureReading:
    unit_procedure: UnitProcedure
    operations: list[OperationReading]


@dataclass(frozen=True)
class FormulaLine:
    """A parameter, input or output with its figures in words."""

    part: Parameter | Input | Output
    amount: str
    limits: str = ""


def formula_of(document: RecipeDocument) -> dict[str, list[FormulaLine]]:
    """The three tables of a formula."""
    formula = document.formula
    return {
        "parameters": [
            FormulaLine(each, amount(each.target, each.unit), limits(each, each.unit)) for each in formula.parameters
        ],
        "inputs": [FormulaLine(each, amount(each.quantity, each.unit)) for each in formula.inputs],
        "outputs": [FormulaLine(each, yields(each)) for each in formula.outputs],
    }


def offline_of(document: RecipeDocument) -> str:
    """How long a tablet goes on without network."""
    budget = document.recipe.offline
    if not budget.minutes:
        return "Nothing is recorded"
    return f"{budget.minutes} min or {budget.steps} {'step' if budget.steps == 1 else 'steps'}, whichever ends first"


def read(document: RecipeDocument) -> list[UnitProcedureReading]:
    """The procedure in order."""
    return [
        UnitProcedureReading(each, [_operation(document, operation) for operation in each.operations])
        for each in document.procedure
    ]


def _operation(document: RecipeDocument, operation: Operation) -> OperationReading:
    return OperationReading(operation, [StepReading(step, facts_of(document, step)) for step in operation.steps])


def facts_of(document: RecipeDocument, step: Step) -> list[Fact]:
    """What the step asks for, line by line, in the order it is worked."""
    return [*_place(document, step), *_timing(step), *_work(document, step), *_values(step)]


def _fact(label: str, value: str, source: Sourced, step: Step) -> Fact:
    """A figure without a source of its own speaks with that of its step."""
    spoken = source if source.has_source else step
    return Fact(label, value, spoken.citation or "", spoken.illustrative)


def _place(document: RecipeDocument, step: Step) -> Iterator[Fact]:
    if step.when:
        yield Fact("Only when", step.when)
    if step.equipment:
        yield Fact("Equipment", f"{step.equipment} ({document.class_of(step).replace('_', ' ')})")
    if step.hold_when_silent:
        yield Fact("When nothing is heard of it", "the batch is held")
    if grade := document.grade_of(step):
        yield Fact("Room grade", grade)
    if step.online_only:
        yield Fact("Without network", "nothing is recorded here")


def _timing(step: Step) -> Iterator[Fact]:
    if step.hold:
        tolerance = f" ± {minutes(step.hold.tolerance_minutes)}" if step.hold.tolerance_minutes else ""
        yield _fact("Duration", f"{minutes(step.hold.minutes)}{tolerance}", step.hold, step)
    if step.window:
        parts = []
        if step.window.at_least_minutes is not None:
            parts.append(f"not before {minutes(step.window.at_least_minutes)}")
        if step.window.at_most_minutes is not None:
            parts.append(f"not later than {minutes(step.window.at_most_minutes)}")
        words = f"{' and '.join(parts)} after {step.window.after}"
        yield _fact("Starts", words, step.window, step)


def _work(document: RecipeDocument, step: Step) -> Iterator[Fact]:
    for need in step.materials:
        asked = number(need.quantity) if need.quantity is not None else f"as {need.quantity_from},"
        tolerance = f" ± {number(need.tolerance_percent)} %" if need.tolerance_percent else ""
        yield _fact(need.code, f"{asked} {need.unit}".rstrip() + tolerance, need, step)
    if step.command:
        yield Fact("Command", step.command.name)
        for tag, quantity in document.setpoints_of(step).items():
            point = step.command.setpoints[tag]
            source: Sourced = document.parameters[point.parameter] if point.parameter else point
            yield _fact(tag.replace("_", " "), amount(quantity.value, quantity.unit), source, step)
    if step.sample:
        tests = ", ".join(test.replace("_", " ") for test in step.sample.tests)
        words = f"{amount(step.sample.quantity, step.sample.unit)} for {tests}"
        yield _fact(f"Sample {step.sample.code}", words, step.sample, step)
    if step.transfer:
        yield Fact(step.transfer.action.capitalize(), ", ".join(map(_containers, step.transfer.into)))
    for photo in step.photos:
        how_many = f"up to {photo.at_most}" if photo.at_most > 1 else "one"
        yield Fact(f"Photo: {photo.name}", how_many if photo.required else f"{how_many}, where it helps")
    if step.decision:
        yield Fact(step.decision.question, " / ".join(step.decision.choices))


def _containers(target: Target) -> str:
    if target.at_most:
        return f"{target.count} to {target.at_most} {target.kind}s"
    return f"{target.count} {target.kind}"


def _values(step: Step) -> Iterator[Fact]:
    for entry in step.entries:
        answers = " / ".join(entry.accepted or entry.choices)
        words = judged(entry, entry.unit) if entry.type == "number" else answers or "text"
        critical = ", critical" if entry.critical and entry.type != "number" else ""
        asked = (words or entry.unit or "number") + critical
        yield (
            _fact(entry.name, asked, entry, step) if entry.has_figures or entry.has_source else Fact(entry.name, asked)
        )
    if step.calculation:
        result = step.calculation
        inputs = ", ".join(f"{name} = {place}" for name, place in result.inputs.items())
        yield Fact(result.name or result.result, f"{result.formula} with {inputs}")
        if words := judged(result, result.unit):
            yield _fact("Limits", words, result, step)
