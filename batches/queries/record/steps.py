"""A step and its attempts, with everything recorded in them."""

from __future__ import annotations

from typing import Any

from batches.models import CalculatedValue, Entry, LineClearance, MaterialUse, Reading, Step, StepPhoto
from batches.policy import limits_text
from batches.queries.record.rows import Rows
from batches.queries.record.step_lines import AttemptRecord, FactLine, PhotoLine, ResultLine, StepRecord, ValueLine


def step_record(rows: Rows, step: Step) -> StepRecord:
    says = step.says
    return StepRecord(
        id=str(step.id),
        key=step.key,
        title=step.name,
        text=says.text,
        kind=step.kind,
        unit_procedure=step.operation.unit_procedure.name,
        operation=step.operation.name,
        day=step.operation.day,
        status=step.status,
        needed=step.needed,
        citation=says.citation or "",
        illustrative=says.illustrative,
        policy=says.signature,
        started_at=step.started_at,
        ended_at=step.ended_at,
        performer=step.performer.printed_name if step.performer else "",
        added=rows.added.get(step.id, ""),
        attempts=[_attempt(rows, step, number) for number in range(1, step.attempt + 1)],
    )


def _attempt(rows: Rows, step: Step, number: int) -> AttemptRecord:
    facts = [_fact_line(each) for each in rows.facts[step.id, number]]
    facts += [FactLine("unit", str(each), "", each.since) for each in rows.bindings[step.id] if number == step.attempt]
    return AttemptRecord(
        number=number,
        values=[_value_line(rows, step, each) for each in rows.entries[step.id, number]],
        results=[_result_line(rows, step, each) for each in rows.results[step.id, number]],
        facts=facts,
        photos=[_photo_line(rows, each) for each in rows.photos[step.id, number]],
        signatures=rows.signatures.of_attempt(step, number),
    )


def _value_line(rows: Rows, step: Step, entry: Entry) -> ValueLine:
    spec = next((each for each in step.says.entries if each.id == entry.name), None)
    return ValueLine(
        id=str(entry.id),
        name=entry.name,
        label=spec.name if spec else entry.name,
        value=entry.value,
        unit=entry.unit,
        limits=limits_text(spec) if spec else "",
        verdict=entry.verdict,
        by=entry.by.printed_name,
        done_at=entry.done_at,
        recorded_at=entry.at,
        reading=Reading(entry.reading).label,
        corrects=str(entry.supersedes_id) if entry.supersedes_id else None,
        is_changed=entry.id in rows.superseded,
        reason=entry.reason,
        performed_at=entry.performed_at,
        is_late=entry.is_late,
        form=entry.form.number if entry.form else "",
    )


def _result_line(rows: Rows, step: Step, result: CalculatedValue) -> ResultLine:
    rule = step.says.calculation
    return ResultLine(
        name=result.name,
        label=(rule.name if rule else None) or result.name,
        value=result.value,
        shown=result.shown,
        unit=result.unit,
        verdict=result.verdict,
        formula=result.formula,
        formula_version=result.formula_version,
        inputs=result.inputs,
        rounding=result.rounding,
        done_at=result.done_at,
        is_changed=result.id in rows.superseded,
    )


def _photo_line(rows: Rows, photo: StepPhoto) -> PhotoLine:
    return PhotoLine(
        id=str(photo.id),
        name=photo.name,
        label=photo.label,
        sha256=photo.sha256,
        size=photo.size,
        media_type=photo.media_type,
        retakes=str(photo.retakes_id) if photo.retakes_id else None,
        is_retaken=photo.id in rows.retaken,
        hashed_by_tablet=photo.hashed_by_tablet,
        by=photo.by.printed_name,
        done_at=photo.done_at,
        recorded_at=photo.at,
    )


def _fact_line(fact: Any) -> FactLine:
    """Named by its table: “step scan”, “material use”, “line clearance”…"""
    words = str(fact._meta.verbose_name)
    text = str(fact)
    if isinstance(fact, LineClearance) and fact.verified_by:
        text = f"{text}, verified by {fact.verified_by.printed_name}"
    if isinstance(fact, MaterialUse):
        text = f"{text}, lot {fact.lot_use.lot.number}"
    return FactLine(words, text, fact.by.printed_name, fact.done_at)
