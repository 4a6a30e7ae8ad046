"""Values: saved one by one, judged on commit, never overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from batches.errors import AlreadyRecorded
from batches.judgement import Bounds, Verdict, judge, read_number
from batches.models import Entry, ExceptionKind, Reading, Severity, Step
from batches.policy import limits_text
from batches.services.calculations import recalculate_after
from batches.services.capture import captured_at, note_capture
from batches.services.exceptions import raise_exception
from batches.services.late_entries import except_late_entry, said_at
from batches.services.locks import lock_step
from batches.services.paper_forms import form_for_entry
from batches.services.running import look_again_if_overdue, require_identified
from batches.services.second_values import keep_second_value, refuse_second_value
from batches.services.signing import having_seen
from batches.services.yields import judge_yield
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, SignatureRefused, StaleVersion, WrongState
from mes.ids import uuid7
from mes.phrases import Phrase
from mes.quantities import Quantity
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer
from recipes.document import Entry as EntrySpec
from recipes.document import Limits

YES_NO = ("yes", "no")
NOT_APPLICABLE = "N/A"  # how people read it, in the place of a value


def record_entry(
    *,
    actor: User,
    step: Step,
    name: str,
    value: str,
    unit: str = "",
    entry_id: UUID | None = None,
    performed_at: datetime | None = None,
    reason: str = "",
    form: str = "",
) -> Entry:
    """Save one value at the moment it is entered. `entry_id` is the tablet's: sent twice, recorded once (R-068).

    `performed_at` says, in process time, that it was done earlier; `reason` why it is recorded only now (R-017).
    `form` is the number of the paper form it was written on meanwhile (R-104).
    """
    require(actor, "batches.execute", step.site)
    known = _recorded(entry_id)
    if known is not None:
        return _same(known, step, name, value, unit)
    try:
        with act(
            actor, "batches.record_entry", site=step.site, subject=step, batch=step.batch_id, reason=reason
        ) as event:
            step = lock_step(step)
            require_identified(step, actor)
            spec = entry_spec(step, name)
            refuse_second_value(step, spec)
            paper = form_for_entry(step, form) if form else None
            facts = {"id": entry_id or uuid7(), **said_at(step, performed_at, reason, paper)}
            entry = _write(event, step, spec, value, unit, **facts)
            event.data |= {"name": name, "value": entry.value, "unit": entry.unit, "verdict": entry.verdict}
            _follow_up(event, step, spec, entry)
    except AlreadyRecorded as refusal:
        keep_second_value(actor=actor, step=step, value=value, unit=unit, refusal=refusal)
        raise
    return entry


def record_not_applicable(
    *,
    actor: User,
    step: Step,
    name: str,
    reason: str,
    entry_id: UUID | None = None,
) -> Entry:
    """Say, with the reason, that what is asked for does not apply. It stands in the place of the value (R-096)."""
    require(actor, "batches.execute", step.site)
    if not reason.strip():
        raise InvalidInput("Write why it does not apply.", field="reason")
    known = _recorded(entry_id)
    if known is not None:
        return _same(known, step, name, NOT_APPLICABLE, "")
    with act(
        actor, "batches.record_not_applicable", site=step.site, subject=step, batch=step.batch_id, reason=reason
    ) as event:
        step = lock_step(step)
        require_identified(step, actor)
        spec = entry_spec(step, name)
        refuse_second_value(step, spec)
        _require_may_be_left_out(spec)
        facts = {"id": entry_id or uuid7(), "reason": reason}
        entry = _keep(event, step, spec, NOT_APPLICABLE, "", Verdict.NOT_APPLICABLE, **facts)
        event.data["name"] = name
        _follow_up(event, step, spec, entry)
    return entry


def correct_entry(
    *,
    actor: User,
    entry: Entry,
    value: str,
    unit: str = "",
    reason: str,
    entry_id: UUID | None = None,
    signer: Signer | None = None,
) -> Entry:
    """Put a right value beside a wrong one, with the reason. In a signed step it is signed again (R-002 to R-004)."""
    require(actor, "batches.execute", entry.step.site)
    if not reason.strip():
        raise InvalidInput("Write why the value is corrected.", field="reason")
    known = _recorded(entry_id)
    if known is not None:
        return _same(known, entry.step, entry.name, value, unit)
    with act(
        actor,
        "batches.correct_entry",
        site=entry.step.site,
        subject=entry.step,
        batch=entry.step.batch_id,
        reason=reason,
    ) as event:
        step = lock_step(entry.step)
        _require_correctable(step, entry, signer, actor)
        signer = having_seen(signer, step) if signer else None
        spec = entry_spec(step, entry.name)
        corrected = _write(event, step, spec, value, unit, id=entry_id or uuid7(), supersedes=entry, reason=reason)
        _note_correction(event, step, entry, corrected)
        note_capture(event, step, f"The correction of {spec.name}", value=str(corrected.id), name=spec.id)
        recalculate_after(step, entry.name, event=event)
        if signer is not None:
            sign(event, signer, subject=step, meaning="performed")
    return corrected


def entry_spec(step: Step, name: str) -> EntrySpec:
    """What the recipe asks for under this name."""
    for spec in step.says.entries:
        if spec.id == name:
            return spec
    known = [spec.id for spec in step.says.entries]
    raise InvalidInput(Phrase("Step {step} has no entry “{name}”.", step=step, name=name), field="name", known=known)


def bounds_of(limits: Limits, unit: str) -> Bounds:
    """The limits of a recipe as the judgement takes them."""
    return Bounds(
        unit=unit,
        low=limits.low,
        high=limits.high,
        low_strict=limits.low_strict,
        high_strict=limits.high_strict,
        alert_low=limits.alert_low,
        alert_high=limits.alert_high,
    )


def read_entry(spec: EntrySpec, value: str, unit: str) -> tuple[str, Verdict]:
    """The value as it will be kept, and its verdict. InvalidInput for a wrong type, unit or precision (R-059)."""
    text = value.strip()
    if not text:
        raise InvalidInput(Phrase("Enter “{name}”.", name=spec.name), field=spec.id)
    if spec.type == "number":
        # Decimals are counted in the unit the step asks for; another unit is converted to be judged.
        decimals = spec.precision if unit == spec.unit else None
        number = read_number(text, decimals=decimals)
        return text, judge(Quantity(number, unit), bounds_of(spec, spec.unit))
    if spec.type == "text":
        return text, Verdict.NOT_JUDGED
    return text, _judge_choice(spec, text)


def _judge_choice(spec: EntrySpec, answer: str) -> Verdict:
    choices = spec.choices if spec.type == "choice" else YES_NO
    if answer not in choices:
        raise InvalidInput(
            Phrase("Choose one of: {choices}.", choices=", ".join(choices)), field=spec.id, choices=list(choices)
        )
    if not spec.accepted:
        return Verdict.NOT_JUDGED
    return Verdict.WITHIN if answer in spec.accepted else Verdict.OUT_OF_LIMIT


def _write(event: Event, step: Step, spec: EntrySpec, value: str, unit: str, **facts: Any) -> Entry:
    text, verdict = read_entry(spec, value, unit)
    entry = _keep(event, step, spec, text, unit, verdict, **facts)
    _except_by_verdict(event, step, spec, entry)
    if spec.type == "number":
        judge_yield(event, step, entry)
    return entry


def _keep(event: Event, step: Step, spec: EntrySpec, text: str, unit: str, verdict: Verdict, **facts: Any) -> Entry:
    return Entry.objects.create(
        step=step,
        attempt=step.attempt,
        by=event.actor,
        done_at=clock.now(step.site),
        name=spec.id,
        value=text,
        unit=unit,
        verdict=verdict,
        device_at=captured_at(),
        **facts,
    )


def _follow_up(event: Event, step: Step, spec: EntrySpec, entry: Entry) -> None:
    """What quality has to see about a value besides the value, and a hold that may be over now."""
    note_capture(event, step, spec.name, value=str(entry.id), name=spec.id)
    if entry.is_late:
        except_late_entry(event, step, spec, entry)
    if not entry.is_a_value:
        _except_left_out(event, step, spec, entry)
    look_again_if_overdue(step)


def _except_left_out(event: Event, step: Step, spec: EntrySpec, entry: Entry) -> None:
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.NOT_APPLICABLE,
        severity=Severity.LOW if spec.critical else Severity.INFO,
        text=f"{spec.name} does not apply: {entry.reason}",
        data={"value": str(entry.id), "name": spec.id},
    )


def _except_by_verdict(event: Event, step: Step, spec: EntrySpec, entry: Entry) -> None:
    if entry.verdict not in {Verdict.OUT_OF_LIMIT, Verdict.ALERT}:
        return
    is_out = entry.verdict == Verdict.OUT_OF_LIMIT
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.OUT_OF_LIMIT if is_out else ExceptionKind.ALERT,
        severity=step.says.severity if is_out else Severity.LOW,
        blocks=is_out and step.says.blocks,
        text=f"{spec.name} {entry.value} {entry.unit}".strip() + f" · {limits_text(spec)}",
        data={"value": str(entry.id), "name": spec.id},
    )


def _note_correction(event: Event, step: Step, wrong: Entry, right: Entry) -> None:
    """Quality sees every correction; an exception about the old value holds nobody up any longer."""
    for exception in step.exceptions.filter(data__value=str(wrong.id), blocks=True):
        exception.blocks = False
        exception.save(update_fields=["blocks"])
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.CORRECTED,
        severity=Severity.LOW if step.status == State.COMPLETE else Severity.INFO,
        text=f"{_said(step, wrong)} corrected to {right.value} {right.unit}".strip() + f": {event.reason}",
        data={"value": str(right.id), "first": str(wrong.id)},
    )
    event.data |= {"name": wrong.name, "old": wrong.value, "new": right.value, "unit": right.unit}


def _said(step: Step, entry: Entry) -> str:
    return f"{entry_spec(step, entry.name).name} {entry.value} {entry.unit}".strip()


def _require_may_be_left_out(spec: EntrySpec) -> None:
    """Where the recipe allows it. What is critical has a second person by the rules of recipes."""
    if not spec.can_be_left_out:
        raise InvalidInput(
            Phrase("“{name}” is asked for by the recipe and cannot be left out.", name=spec.name), field=spec.id
        )


def _require_correctable(step: Step, entry: Entry, signer: Signer | None, actor: User) -> None:
    if entry.attempt != step.attempt or entry.reading != Reading.FIRST:
        raise WrongState("Only a value of the current attempt is corrected.", attempt=step.attempt)
    if Entry.objects.filter(supersedes=entry).exists():
        raise StaleVersion("This value has been corrected already. Look at it again.")
    if step.status not in {State.RUNNING, State.COMPLETE}:
        raise WrongState(
            Phrase("Step {step} is {status}.", step=step, status=Phrase(step.get_status_display().lower())),
            state=step.status,
        )
    needs_signature = step.status == State.COMPLETE and step.says.signature != "none"
    if needs_signature and (signer is None or signer.user != actor):
        raise SignatureRefused("A value of a signed step is corrected over a signature.", meaning="performed")


def _recorded(entry_id: UUID | None) -> Entry | None:
    """What was recorded under the tablet's id before."""
    if entry_id is None:
        return None
    return Entry.objects.filter(pk=entry_id).select_related("step__batch", "by").first()


def _same(known: Entry, step: Step, name: str, value: str, unit: str) -> Entry:
    """The same entry delivered again is the same entry; another one under its id is not."""
    if (known.step_id, known.name, known.value, known.unit) != (step.id, name, value.strip(), unit):
        raise Conflict("This entry id was used for another value.", id=str(known.id))
    return known
