"""A yield outside its limits is investigated before anything goes on (211.192, R-092)."""

from __future__ import annotations

from batches.models import CalculatedValue, Entry, ExceptionKind, Severity, Step
from batches.queries.yields import Yield, outputs_of, yield_of
from batches.services.deviations import open_by_rule
from batches.services.exceptions import raise_exception
from mes.records.models import Event


def judge_yield(event: Event, step: Step, value: Entry | CalculatedValue) -> None:
    """Inside the act that records a value: where the recipe calls it the actual yield, judge it."""
    reference = f"{step.key}.{value.name}"
    for output in outputs_of(step.batch):
        if output.actual == reference:
            made = yield_of(output, value.quantity)
            if not made.is_within:
                _investigate(event, step, value, made)


def _investigate(event: Event, step: Step, value: Entry | CalculatedValue, made: Yield) -> None:
    found = raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.YIELD,
        severity=Severity.HIGH,
        blocks=True,
        text=str(made),
        data={"value": str(value.id), "percent": str(made.percent)},
    )
    owner = step.performer or event.actor
    open_by_rule(event=event, owner=owner, exception=found, title=f"Yield outside its limits: {made.name}")
