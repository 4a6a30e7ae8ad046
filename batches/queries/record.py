"""The whole record of a batch as plain data: what the page, the JSON export and the PDF are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from batches.models import (
    Batch,
    BatchException,
    CalculatedValue,
    Decision,
    Deviation,
    Entry,
    LineClearance,
    LotChoice,
    MaterialUse,
    Reading,
    Step,
    StepCommand,
    StepScan,
    StepTransfer,
    UnitBinding,
)
from batches.policy import limits_text
from mes.records.models import Event, Signature, subject_type
from mes.records.queries import events_of_batch, manifest_digest, seal_holds


@dataclass(frozen=True)
class SignatureLine:
    """11.50: printed name, role, meaning, date and time with zone; `valid` when it fits what stands here now."""

    printed_name: str
    username: str
    role: str
    meaning: str
    at: datetime
    timezone: str
    digest: str
    valid: bool


@dataclass(frozen=True)
class ValueLine:
    """A value as entered. `changes` is the id of the value it corrects; `is_changed` marks one that was corrected."""

    id: str
    name: str
    label: str
    value: str
    unit: str
    limits: str
    verdict: str
    by: str
    done_at: datetime
    recorded_at: datetime
    reading: str
    corrects: str | None
    is_changed: bool
    reason: str


@dataclass(frozen=True)
class ResultLine:
    name: str
    label: str
    value: str
    shown: str
    unit: str
    verdict: str
    formula: str
    formula_version: str
    inputs: list[dict[str, Any]]
    rounding: str
    done_at: datetime
    is_changed: bool


@dataclass(frozen=True)
class FactLine:
    """Anything else that happened: a scan, a lot, a unit, a command, a decision, a transfer, a clearance."""

    kind: str
    text: str
    by: str
    done_at: datetime


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt of a step, with everything recorded in it."""

    number: int
    values: list[ValueLine]
    results: list[ResultLine]
    facts: list[FactLine]
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class StepRecord:
    id: str
    key: str
    title: str
    text: str
    kind: str
    unit_procedure: str
    operation: str
    day: int | None
    status: str
    needed: bool
    citation: str
    illustrative: bool
    policy: str
    started_at: datetime | None
    ended_at: datetime | None
    performer: str
    attempts: list[AttemptRecord]


@dataclass(frozen=True)
class ExceptionLine:
    id: str
    kind: str
    step: str
    severity: str
    blocks: bool
    text: str
    raised_at: datetime
    raised_by: str
    status: str
    decision: str
    decided_by: str
    deviation: str


@dataclass(frozen=True)
class DeviationRecord:
    number: str
    title: str
    description: str
    severity: str
    status: str
    opened_at: datetime
    opened_by: str
    owner: str
    investigation: str
    impact: str
    other_batches: str
    conclusion: str
    follow_up: str
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class EventLine:
    """One line of the audit trail, in the order of the database's clock."""

    id: str
    at: datetime
    process_at: datetime
    actor: str
    role: str
    action: str
    subject: str
    moves: list[dict[str, Any]]
    reason: str
    software_version: str


@dataclass(frozen=True)
class BatchRecord:
    id: str
    number: str
    site: str
    timezone: str
    clock_scale: str
    coi_id: str
    recipe: str
    recipe_version: int
    sha256: str
    product: str
    parameters: dict[str, Any]
    suite: str
    status: str
    attempt: int
    planned_start: datetime
    planned_end: datetime
    issued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    signatures: list[SignatureLine]
    steps: list[StepRecord]
    exceptions: list[ExceptionLine]
    deviations: list[DeviationRecord]
    events: list[EventLine]

    def changes(self) -> list[tuple[StepRecord, ValueLine]]:
        """Every correction, in order: the appendix of changed data (Annex 11 section 8.2)."""
        return [
            (step, value)
            for step in self.steps
            for attempt in step.attempts
            for value in attempt.values
            if value.corrects
        ]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def record_of(batch: Batch) -> BatchRecord:
    """The record in the order of the recipe. The number of queries does not depend on its length."""
    rows = _Rows(batch)
    version = batch.recipe_version
    site = batch.site
    return BatchRecord(
        id=str(batch.id),
        number=batch.number,
        site=f"{site.name} ({site.code})",
        timezone=site.timezone,
        clock_scale=str(site.clock_scale.normalize()),
        coi_id=batch.coi_id,
        recipe=version.recipe.code,
        recipe_version=version.number,
        sha256=batch.sha256,
        product=batch.control_recipe["recipe"]["product"]["name"],
        parameters=batch.parameters,
        suite=batch.suite,
        status=batch.status,
        attempt=batch.attempt,
        planned_start=batch.planned_start,
        planned_end=batch.planned_end,
        issued_at=batch.issued_at,
        started_at=batch.started_at,
        ended_at=batch.ended_at,
        signatures=_signature_lines(rows.signatures[batch.id], batch),
        steps=[_step(rows, step) for step in rows.steps],
        exceptions=[_exception_line(each) for each in _exceptions(batch)],
        deviations=[_deviation(rows, each) for each in _deviations(batch)],
        events=[_event_line(each) for each in events_of_batch(batch.id)],
    )


class _Rows:
    """All rows of a batch, each table read once and sorted by step and attempt."""

    def __init__(self, batch: Batch) -> None:
        steps = Step.objects.filter(batch=batch).order_by("position")
        self.steps = list(steps.select_related("operation__unit_procedure", "performer", "room"))
        for step in self.steps:
            step.batch = batch
        self.entries = _by_attempt(Entry.objects.filter(step__batch=batch).select_related("by"))
        self.results = _by_attempt(CalculatedValue.objects.filter(step__batch=batch))
        self.facts = _by_attempt(_facts(batch))
        self.superseded = _superseded(Entry, batch) | _superseded(CalculatedValue, batch)
        self.signatures = _signatures(batch, self.steps)
        bindings = UnitBinding.objects.filter(batch=batch).select_related("unit")
        self.bindings = defaultdict(list)
        for binding in bindings:
            self.bindings[binding.step_id].append(binding)


def _by_attempt(rows: Iterable[Any]) -> dict[tuple[UUID, int], list[Any]]:
    found: dict[tuple[UUID, int], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.step_id, row.attempt].append(row)
    return found


def _facts(batch: Batch) -> list[Any]:
    tables: tuple[QuerySet[Any], ...] = (
        StepScan.objects.all(),
        LotChoice.objects.select_related("lot__material"),
        MaterialUse.objects.select_related("lot_use__lot__material"),
        StepCommand.objects.select_related("command__unit"),
        Decision.objects.all(),
        StepTransfer.objects.select_related("transformation__order"),
        LineClearance.objects.select_related("room", "verified_by"),
    )
    rows = [row for table in tables for row in table.filter(step__batch=batch).select_related("by")]
    return sorted(rows, key=lambda row: (row.at, row.id))


def _superseded(model: Any, batch: Batch) -> set[UUID]:
    rows = model.objects.filter(step__batch=batch, supersedes__isnull=False)
    return set(rows.values_list("supersedes_id", flat=True))


def _signatures(batch: Batch, steps: list[Step]) -> dict[UUID, list[Signature]]:
    subjects = [batch.id, *(step.id for step in steps)]
    subjects += Deviation.objects.filter(batch=batch).values_list("id", flat=True)
    kinds = [subject_type(each) for each in (Batch(), Step(), Deviation())]
    rows = Signature.objects.filter(subject_id__in=subjects, subject_type__in=kinds)
    found: dict[UUID, list[Signature]] = defaultdict(list)
    for row in rows.order_by("at", "id"):
        found[row.subject_id].append(row)
    return found


def _step(rows: _Rows, step: Step) -> StepRecord:
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
        attempts=[_attempt(rows, step, number) for number in range(1, step.attempt + 1)],
    )


def _attempt(rows: _Rows, step: Step, number: int) -> AttemptRecord:
    signed = [each for each in rows.signatures[step.id] if each.manifest.get("attempt", 1) == number]
    facts = [_fact_line(each) for each in rows.facts[step.id, number]]
    facts += [FactLine("unit", str(each), "", each.since) for each in rows.bindings[step.id] if number == step.attempt]
    return AttemptRecord(
        number=number,
        values=[_value_line(rows, step, each) for each in rows.entries[step.id, number]],
        results=[_result_line(rows, step, each) for each in rows.results[step.id, number]],
        facts=facts,
        signatures=_signature_lines(signed, step if number == step.attempt else None),
    )


def _value_line(rows: _Rows, step: Step, entry: Entry) -> ValueLine:
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
    )


def _result_line(rows: _Rows, step: Step, result: CalculatedValue) -> ResultLine:
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


def _fact_line(fact: Any) -> FactLine:
    """Named by its table: “step scan”, “material use”, “line clearance”…"""
    words = str(fact._meta.verbose_name)
    text = str(fact)
    if isinstance(fact, LineClearance) and fact.verified_by:
        text = f"{text}, verified by {fact.verified_by.printed_name}"
    if isinstance(fact, MaterialUse):
        text = f"{text}, lot {fact.lot_use.lot.number}"
    return FactLine(words, text, fact.by.printed_name, fact.done_at)


def _signature_lines(signatures: list[Signature], subject: Any) -> list[SignatureLine]:
    """`subject` is the record they stand on now; for a finished attempt, what was signed is what stands there."""
    if not signatures:
        return []
    now = manifest_digest(subject) if subject is not None else None
    return [
        SignatureLine(
            printed_name=each.printed_name,
            username=each.username,
            role=each.role,
            meaning=each.meaning,
            at=each.at,
            timezone=each.timezone,
            digest=each.manifest_digest,
            valid=(now is None or each.manifest_digest == now) and seal_holds(each),
        )
        for each in signatures
    ]


def _exceptions(batch: Batch) -> QuerySet[BatchException]:
    found = BatchException.objects.filter(batch=batch)
    return found.select_related("step", "raised_by", "decided_by", "deviation")


def _exception_line(found: BatchException) -> ExceptionLine:
    return ExceptionLine(
        id=str(found.id),
        kind=found.get_kind_display(),
        step=str(found.step) if found.step else "",
        severity=found.severity,
        blocks=found.blocks,
        text=found.text,
        raised_at=found.raised_at,
        raised_by=found.raised_by.printed_name,
        status=found.status,
        decision=found.decision,
        decided_by=found.decided_by.printed_name if found.decided_by else "",
        deviation=found.deviation.number if found.deviation else "",
    )


def _deviations(batch: Batch) -> QuerySet[Deviation]:
    return Deviation.objects.filter(batch=batch).select_related("batch", "opened_by", "owner")


def _deviation(rows: _Rows, found: Deviation) -> DeviationRecord:
    return DeviationRecord(
        number=found.number,
        title=found.title,
        description=found.description,
        severity=found.severity,
        status=found.status,
        opened_at=found.opened_at,
        opened_by=found.opened_by.printed_name,
        owner=found.owner.printed_name,
        investigation=found.investigation,
        impact=found.impact,
        other_batches=found.other_batches,
        conclusion=found.conclusion,
        follow_up=found.follow_up,
        signatures=_signature_lines(rows.signatures[found.id], found),
    )


def _event_line(event: Event) -> EventLine:
    return EventLine(
        id=str(event.id),
        at=event.at,
        process_at=event.process_at,
        actor=event.actor_name,
        role=event.actor_role,
        action=event.action,
        subject=event.subject_label,
        moves=event.moves,
        reason=event.reason,
        software_version=event.software_version,
    )
