"""What the release of a batch asks of its record. Each gate is a list of reasons, empty when it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from batches.judgement import Verdict, in_words
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
    Redline,
    Step,
    StepCommand,
    StepPhoto,
    StepScan,
    StepTransfer,
)
from batches.policy import limits_text, meanings_asked
from batches.queries.gates import reasons_not_trained
from batches.recorded import read_ahead
from batches.states import DeviationState, ExceptionState, RedlineState, State
from equipment.queries import rooms_of_batch
from mes.accounts.models import User
from mes.errors import Reason
from mes.records.models import Signature, subject_type
from mes.records.queries import is_signed, meanings_signed

FACTS = (Entry, CalculatedValue, StepScan, MaterialUse, StepCommand, Decision, StepTransfer, LotChoice, StepPhoto)


def exceptions_of(batch: Batch) -> QuerySet[BatchException]:
    found = BatchException.objects.filter(batch=batch)
    return found.select_related("step", "deviation", "raised_by", "decided_by", "batch__site")


def open_exceptions(batch: Batch) -> QuerySet[BatchException]:
    return exceptions_of(batch).filter(status=ExceptionState.OPEN)


def deviations_of(batch: Batch) -> QuerySet[Deviation]:
    found = Deviation.objects.filter(batch=batch)
    return found.select_related("step", "owner", "opened_by", "investigated_by", "approved_by", "batch__site")


def performers_of(batch: Batch) -> set[UUID]:
    """Everybody who did anything in the batch: none of them reviews or releases it."""
    hands: set[UUID] = set(
        Step.objects.filter(batch=batch, performer__isnull=False).values_list("performer_id", flat=True)
    )
    for fact in FACTS:
        hands |= set(fact.objects.filter(step__batch=batch).values_list("by_id", flat=True))
    for clearance in LineClearance.objects.filter(batch=batch):
        hands |= {each for each in (clearance.by_id, clearance.verified_by_id) if each}
    return hands | {signature.signer_id for signature in _step_signatures(batch)}


def photos_of_step(step_id: UUID | None) -> QuerySet[StepPhoto]:
    """All that were taken in a step, oldest first; none where there is no step."""
    if step_id is None:
        return StepPhoto.objects.none()
    found = StepPhoto.objects.filter(step=step_id).select_related("by", "retaken_by")
    return found.defer("content", "retaken_by__content")


def reasons_steps_open(batch: Batch) -> list[Reason]:
    """The batch is not at its end; the steps that are needed and not complete, told as one."""
    reasons = []
    if not batch.issued_at:
        reasons.append(Reason("not_issued", "The batch record was never issued.", batch.number))
    elif batch.status != State.COMPLETE:
        words = f"The batch is {batch.get_status_display().lower()}."
        reasons.append(Reason("batch_not_complete", words, batch.number))
    waiting = list(Step.objects.open().filter(batch=batch).order_by("position"))
    if waiting:
        first, needed = waiting[0], Step.objects.filter(batch=batch, needed=True).count()
        words = f"{len(waiting)} of {needed} steps are not complete; the first is {first}."
        reasons.append(Reason("step_open", words, str(first.id)))
    proposed = Redline.objects.filter(batch=batch, status=RedlineState.PROPOSED)
    return reasons + [
        Reason("redline_open", f"The addition {each} is not decided on.", str(each.id)) for each in proposed
    ]


def reasons_signatures(batch: Batch) -> list[Reason]:
    """Signatures the recipe asks for that are missing, or no longer fit what they were put on (R-048)."""
    reasons = []
    if not is_signed(batch, "issued"):
        reasons.append(Reason("signature_missing", "The issue of the record is not signed.", batch.number))
    steps = complete_steps(batch)
    signed = meanings_signed(steps)
    return reasons + [
        Reason("signature_missing", f"Step {step}: “{meaning}” is missing or void.", str(step.id))
        for step in steps
        for meaning in meanings_asked(step.says.signature)
        if meaning not in signed[step.id]
    ]


def complete_steps(batch: Batch) -> list[Step]:
    """Those that are done, with everything recorded in them, in their order."""
    steps = list(
        Step.objects.filter(batch=batch, needed=True, status=State.COMPLETE).select_related("room").order_by("position")
    )
    for step in steps:
        step.batch = batch
    read_ahead(steps)
    return steps


def reasons_exceptions(batch: Batch) -> list[Reason]:
    return [Reason("exception_undecided", f"{each} is not decided.", str(each.id)) for each in open_exceptions(batch)]


def reasons_deviations(batch: Batch) -> list[Reason]:
    settled = (DeviationState.APPROVED, DeviationState.CLOSED)
    return [
        Reason("deviation_open", f"{each} is {each.get_status_display().lower()}.", str(each.id))
        for each in deviations_of(batch).exclude(status__in=settled)
    ]


def reasons_line_in_use(batch: Batch) -> list[Reason]:
    """The line is cleared after use as before it: until then its room is still this batch's (R-093)."""
    return [
        Reason("line_in_use", f"Room {room} has not been cleared after the batch.", room.code)
        for room in rooms_of_batch(batch.id)
    ]


def reasons_training(batch: Batch) -> list[Reason]:
    """Signers of steps who were not trained on this recipe version when they signed (R-037)."""
    first: dict[UUID, datetime] = {}
    for signature in _step_signatures(batch):
        first.setdefault(signature.signer_id, signature.at)
    people = {user.id: user for user in User.objects.filter(id__in=first)}
    return [reason for user_id, at in first.items() for reason in reasons_not_trained(batch, people[user_id], at)]


@dataclass(frozen=True)
class CriticalValue:
    """A value the recipe calls critical, as a reviewer reads it."""

    step: str
    name: str
    value: str
    unit: str
    limit: str
    verdict: str
    at: datetime
    by: str

    @property
    def judged(self) -> str:
        return in_words(self.verdict)


def critical_values(batch: Batch) -> list[CriticalValue]:
    """Critical values and results in force, in the order of the record."""
    found = [*_critical_entries(batch), *_critical_results(batch)]
    return [line for _, line in sorted(found, key=lambda each: (each[0], each[1].at))]


def _critical_entries(batch: Batch) -> Iterator[tuple[int, CriticalValue]]:
    values = Entry.objects.filter(step__batch=batch, reading=Reading.FIRST, superseded_by__isnull=True)
    for entry in values.select_related("step", "by"):
        spec = next((each for each in entry.step.says.entries if each.id == entry.name), None)
        if spec and spec.critical and entry.attempt == entry.step.attempt:
            yield entry.step.position, _critical(entry, spec.name, entry.value, limits_text(spec))


def _critical_results(batch: Batch) -> Iterator[tuple[int, CriticalValue]]:
    results = CalculatedValue.objects.filter(step__batch=batch, superseded_by__isnull=True)
    for result in results.select_related("step", "by"):
        rule = result.step.says.calculation
        if rule and rule.critical and result.attempt == result.step.attempt:
            name = rule.name or rule.result
            yield result.step.position, _critical(result, name, result.shown, limits_text(rule))


def _critical(row: Entry | CalculatedValue, name: str, value: str, limit: str) -> CriticalValue:
    return CriticalValue(
        step=str(row.step),
        name=name,
        value=value,
        unit=row.unit,
        limit=limit,
        verdict=row.verdict,
        at=row.done_at,
        by=row.by.printed_name,
    )


def completeness(batch: Batch) -> dict[str, Any]:
    """Counts for the head of a review."""
    steps = Step.objects.filter(batch=batch, needed=True)
    entries = Entry.objects.filter(step__batch=batch, reading=Reading.FIRST)
    counted: dict[str, QuerySet[Any]] = {
        "steps": steps,
        "steps_complete": steps.filter(status=State.COMPLETE),
        "entries": entries,
        "entries_corrected": entries.filter(supersedes__isnull=False),
        "entries_out_of_limit": entries.filter(verdict=Verdict.OUT_OF_LIMIT),
        "results": CalculatedValue.objects.filter(step__batch=batch),
        "materials": MaterialUse.objects.filter(step__batch=batch),
        "scans": StepScan.objects.filter(step__batch=batch),
        "signatures": _step_signatures(batch),
        "exceptions": BatchException.objects.filter(batch=batch),
        "deviations": Deviation.objects.filter(batch=batch),
    }
    numbers = Batch.objects.filter(pk=batch.pk).values_list(*map(_number_of, counted.values())).get()
    return dict(zip(counted, numbers, strict=True))


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    """As a part of another query."""
    together = rows.order_by().values(together=Value(1))
    return Coalesce(Subquery(together.annotate(number=Count("*")).values("number")), 0)


def _step_signatures(batch: Batch) -> QuerySet[Signature]:
    steps = Step.objects.filter(batch=batch).values("id")
    return Signature.objects.filter(
        subject_type=subject_type(Step()), subject_id__in=steps, meaning__in=("performed", "verified")
    ).order_by("at", "id")
