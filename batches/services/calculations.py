"""Results: computed by the system from recorded values, kept with everything needed to compute them again."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from batches.judgement import Bounds, Verdict, judge
from batches.manifest import current_results
from batches.models import CalculatedValue, ExceptionKind, Severity, Step
from batches.queries.inputs import Input, inputs_of
from batches.services.exceptions import raise_exception
from batches.services.yields import judge_yield
from mes import clock
from mes.records.models import Event
from recipes.document import Calculation
from recipes.formula import FORMULA_VERSION, calculate
from recipes.formula_library import expression_of

HALF_EVEN = "half-even"


def compute_if_ready(step: Step, *, event: Event) -> CalculatedValue | None:
    """Compute the step's result once all its inputs are there."""
    rule = step.says.calculation
    inputs = inputs_of(step) if rule else None
    if rule is None or inputs is None:
        return None
    former = current_results(step).get(rule.result)
    return former or _write(step, rule, inputs, event=event)


def recalculate_after(step: Step, name: str, *, event: Event) -> None:
    """A corrected value is carried through every result that was computed from it, and from those in turn."""
    reference = f"{step.key}.{name}"
    later = Step.objects.filter(batch=step.batch_id, kind="calculation", position__gt=step.position).order_by(
        "position"
    )
    for each in later:
        each.batch = step.batch
        rule = each.says.calculation
        former = current_results(each).get(rule.result) if rule else None
        if rule and former and reference in rule.inputs.values():
            _recalculate(each, rule, former, event)


def _recalculate(step: Step, rule: Calculation, former: CalculatedValue, event: Event) -> None:
    inputs = inputs_of(step)
    if inputs is None:
        return
    result = _write(step, rule, inputs, event=event, supersedes=former)
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.RECALCULATED,
        severity=Severity.LOW,
        text=f"{rule.name or rule.result} {former.shown} {former.unit} is now {result.shown} {result.unit}".strip(),
        data={"value": str(result.id), "first": str(former.id)},
    )
    recalculate_after(step, rule.result, event=event)


def recompute(value: CalculatedValue) -> Decimal:
    """The result again, from the stored inputs and formula (R-018)."""
    quantities = {each["name"]: Input.from_json(each).quantity for each in value.inputs}
    return calculate(value.formula, quantities, unit=value.unit).value


def _write(
    step: Step,
    rule: Calculation,
    inputs: list[Input],
    *,
    event: Event,
    supersedes: CalculatedValue | None = None,
) -> CalculatedValue:
    expression = expression_of(rule.formula)
    exact = calculate(expression, {each.name: each.quantity for each in inputs}, unit=rule.unit)
    bounds = Bounds(rule.unit, rule.low, rule.high, rule.low_strict, rule.high_strict, rule.alert_low, rule.alert_high)
    verdict = judge(exact, bounds)
    result = CalculatedValue.objects.create(
        step=step,
        attempt=step.attempt,
        by=event.actor,
        done_at=clock.now(step.site),
        name=rule.result,
        value=f"{exact.value:f}",
        unit=rule.unit,
        shown=shown(exact.value, rule.decimals),
        formula=expression,
        formula_version=f"{FORMULA_VERSION} {rule.formula}",
        inputs=[each.as_json() for each in inputs],
        rounding="none" if rule.decimals is None else f"{rule.decimals} decimals, {HALF_EVEN}",
        verdict=verdict,
        supersedes=supersedes,
    )
    _except_by_verdict(event, step, rule, result)
    judge_yield(event, step, result)
    return result


def shown(value: Decimal, decimals: int | None) -> str:
    """What people read and act on; judged is the exact value."""
    if decimals is None:
        return f"{value.normalize():f}"
    return f"{value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN):f}"


def _except_by_verdict(event: Event, step: Step, rule: Calculation, result: CalculatedValue) -> None:
    if result.verdict not in {Verdict.OUT_OF_LIMIT, Verdict.ALERT}:
        return
    is_out = result.verdict == Verdict.OUT_OF_LIMIT
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.OUT_OF_LIMIT if is_out else ExceptionKind.ALERT,
        severity=step.says.severity if is_out else Severity.LOW,
        blocks=is_out and step.says.blocks,
        text=f"{rule.name or rule.result} {result.shown} {result.unit}".strip(),
        data={"value": str(result.id), "name": rule.result},
    )
