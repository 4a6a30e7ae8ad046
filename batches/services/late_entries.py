"""A value recorded later than it was done: two times, a reason, and quality is told (R-017)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from batches.models import Entry, ExceptionKind, PaperForm, Severity, Step
from batches.services.exceptions import raise_exception
from mes import clock
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.records.models import Event
from recipes.document import Entry as EntrySpec


def said_at(step: Step, performed_at: datetime | None, reason: str, form: PaperForm | None) -> dict[str, Any]:
    """What an entry keeps about when it was done; refused where that cannot have been, or needs a reason.

    Work on a paper form was done since the form was given out, whenever the step was started here, and is always late.
    """
    if performed_at is None and form is None:
        return {}
    if performed_at is None:
        raise InvalidInput("Say when it was done, as it is written on the form.", field="performed_at")
    now = clock.now(step.site)
    if performed_at > now:
        raise InvalidInput("That time has not come yet. Enter when it was done.", field="performed_at")
    _require_after(step, performed_at, form)
    is_late = form is not None or now - performed_at > clock.minutes(step.site.late_entry_minutes)
    if is_late and not reason.strip():
        raise InvalidInput("Write why it is recorded only now.", field="reason")
    return {"performed_at": performed_at, "is_late": is_late, "reason": reason, "form": form}


def _require_after(step: Step, performed_at: datetime, form: PaperForm | None) -> None:
    begun = form.issued_at if form else step.started_at
    # A time of day has no seconds: the minute in which it began counts.
    if begun is not None and performed_at < begun.replace(second=0, microsecond=0):
        at = clock.show(step.site, begun)
        given = Phrase("The form {form} was given out at {at}, after that time.", form=str(form), at=at)
        started = Phrase("Step {step} was started at {at}, after that time.", step=step.key, at=at)
        raise InvalidInput(given if form else started, field="performed_at")


def except_late_entry(event: Event, step: Step, spec: EntrySpec, entry: Entry) -> None:
    done, recorded = clock.show(step.site, entry.performed_at), clock.show(step.site, entry.done_at)
    paper = f" from paper form {entry.form}" if entry.form else ""
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.LATE_ENTRY,
        severity=Severity.LOW,
        text=f"{spec.name} was done {done} and recorded {recorded}{paper}: {entry.reason}",
        data={"value": str(entry.id), "name": spec.id, "performed_at": clock.iso(entry.performed_at or entry.done_at)},
    )
