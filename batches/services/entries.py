"""Values: saved one by one, judged on commit, never overwritten."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from batches.errors import AlreadyRecorded
from batches.judgement import Bounds, Verdict, judge, read_number
from batches.models import Entry, ExceptionKind, Reading, Severity, Step
from batches.policy import limits_text
from batches.services.calculations import recalculate_after
from batches.services.exceptions import raise_exception
from batches.services.locks import lock_step
from batches.services.running import look_again_if_overdue, require_running
from batches.services.signing import having_seen
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, SignatureRefused, StaleVersion, WrongState
from mes.ids import uuid7
from mes.quantities import Quantity
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer
from recipes.document import Entry as EntrySpec
from recipes.document import Limits

YES_NO = ("yes", "no")
ON_ITS_WAY = timedelta(minutes=1)  # longer than this, and a value was recorded without network


def record_entry(
    *,
    actor: User,
    step: Step,
    name: str,
    value: str,
    unit: str = "",
    entry_id: UUID | None = None,
    device_at: datetime | None = None,
    kept_for: timedelta = timedelta(0),
) -> Entry:
    """Save one value at the moment it is entered. `entry_id` is the tablet's: sent twice, recorded once (R-068).

    `device_at` is when it was entered, by the tablet's clock; `kept_for` how long the tablet had no network to send it.
    """
    require(actor, "batches.execute", step.site)
    known = _recorded(entry_id)
    if known is not None:
        return _same(known, step, name, value, unit)
    with act(actor, "batches.record_entry", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_running(step)
        spec = entry_spec(step, name)
        _refuse_second_value(step, spec)
        entry = _write(event, step, spec, value, unit, entry_id, device_at)
        event.data |= {"name": name, "value": entry.value, "unit": entry.unit, "verdict": entry.verdict}
        if kept_for > ON_ITS_WAY:
            _except_late_arrival(event, step, spec, entry, kept_for)
        look_again_if_overdue(step)
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
        corrected = _write(event, step, spec, value, unit, entry_id, None, corrects=entry)
        _note_correction(event, step, entry, corrected)
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
    raise InvalidInput(f"Step {step} has no entry “{name}”.", field="name", known=known)


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
        raise InvalidInput(f"Enter “{spec.name}”.", field=spec.id)
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
        raise InvalidInput(f"Choose one of: {', '.join(choices)}.", field=spec.id, choices=list(choices))
    if not spec.accepted:
        return Verdict.NOT_JUDGED
    return Verdict.WITHIN if answer in spec.accepted else Verdict.OUT_OF_LIMIT


def _write(
    event: Event,
    step: Step,
    spec: EntrySpec,
    value: str,
    unit: str,
    entry_id: UUID | None,
    device_at: datetime | None,
    corrects: Entry | None = None,
) -> Entry:
    text, verdict = read_entry(spec, value, unit)
    entry = Entry.objects.create(
        id=entry_id or uuid7(),
        step=step,
        attempt=step.attempt,
        by=event.actor,
        done_at=clock.now(step.site),
        name=spec.id,
        value=text,
        unit=unit,
        verdict=verdict,
        supersedes=corrects,
        reason=event.reason if corrects else "",
        device_at=device_at,
    )
    _except_by_verdict(event, step, spec, entry)
    return entry


def _except_late_arrival(event: Event, step: Step, spec: EntrySpec, entry: Entry, kept_for: timedelta) -> None:
    """Quality sees what was recorded without network, and when it was, by the server's clock."""
    entered = clock.show(step.site, entry.done_at - kept_for)
    minutes = max(1, round(kept_for / timedelta(minutes=1)))
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.OFFLINE,
        severity=Severity.LOW,
        text=f"{spec.name} was entered {entered} and kept on the tablet for {minutes} min without network.",
        data={"value": str(entry.id), "name": spec.id, "kept_seconds": round(kept_for.total_seconds())},
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
        text=f"{wrong} corrected to {right.value} {right.unit}".strip() + f": {event.reason}",
        data={"value": str(right.id), "first": str(wrong.id)},
    )
    event.data |= {"name": wrong.name, "old": wrong.value, "new": right.value, "unit": right.unit}


def _refuse_second_value(step: Step, spec: EntrySpec) -> None:
    if step.entries.filter(attempt=step.attempt, name=spec.id, reading=Reading.FIRST).exists():
        raise AlreadyRecorded(f"“{spec.name}” has a value. Correct it with a reason.", name=spec.id)


def _require_correctable(step: Step, entry: Entry, signer: Signer | None, actor: User) -> None:
    if entry.attempt != step.attempt or entry.reading != Reading.FIRST:
        raise WrongState("Only a value of the current attempt is corrected.", attempt=step.attempt)
    if Entry.objects.filter(supersedes=entry).exists():
        raise StaleVersion("This value has been corrected already. Look at it again.")
    if step.status not in {State.RUNNING, State.COMPLETE}:
        raise WrongState(f"Step {step} is {step.get_status_display().lower()}.", state=step.status)
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
