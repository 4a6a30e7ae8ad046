"""A second value for a reading that has one: the record keeps the first, quality sees both where they differ."""

from __future__ import annotations

from typing import Any

from batches.errors import AlreadyRecorded
from batches.judgement import agree
from batches.manifest import current_entries
from batches.models import Entry, ExceptionKind, Reading, Severity, Step
from batches.queries.holder import kept_for
from batches.services.capture import captured_at
from batches.services.exceptions import raise_exception
from mes import clock
from mes.accounts.models import User
from mes.phrases import Phrase
from mes.records.services import act
from recipes.document import Entry as EntrySpec


def refuse_second_value(step: Step, spec: EntrySpec) -> None:
    """AlreadyRecorded where the reading has its value: it is corrected with a reason, or decided upon by a person."""
    values = step.entries.filter(attempt=step.attempt, name=spec.id, reading=Reading.FIRST)
    if first := values.select_related("by", "event").last():
        raise AlreadyRecorded(_words(step, spec, first), name=spec.id, **_in_the_record(step, spec, first))


def keep_second_value(*, actor: User, step: Step, value: str, unit: str, refusal: AlreadyRecorded) -> None:
    """What a tablet captured was read by somebody: refused as the value, it is not lost where it differs."""
    first = current_entries(step).get(refusal.details["name"])
    if captured_at() is None or first is None or agree(first.value, value.strip()):
        return
    data = {"name": first.name, "value": value, "unit": unit, "first": str(first.id)}
    with act(
        actor,
        "batches.keep_second_value",
        site=step.site,
        subject=step,
        batch=step.batch_id,
        data=data,
        refusing=refusal,
    ) as event:
        raise_exception(
            event=event,
            batch=step.batch,
            step=step,
            kind=ExceptionKind.DISAGREEMENT,
            severity=Severity.MEDIUM,
            text=f"{_label(step, first)}: {_said(first.value, first.unit)} of {first.by.printed_name} is recorded, "
            f"{_said(value, unit)} of {actor.printed_name} came after it.",
            data={"value": str(first.id), "name": first.name},
        )


def _words(step: Step, spec: EntrySpec, first: Entry) -> Phrase:
    if captured_at() is not None and step.says.signature == "verified_blind":
        return Phrase(
            "{person} recorded “{name}” before this came. Do not record it again: quality sees what differs.",
            person=first.by.printed_name,
            name=spec.name,
        )
    return Phrase("“{name}” has a value. Correct it with a reason.", name=spec.name)


def _in_the_record(step: Step, spec: EntrySpec, entry: Entry) -> dict[str, Any]:
    """The value in force, for somebody who was slower; nothing where they may be the one who reads it blind.

    `at` is when it was captured, by the server's clock: two tablets may both have kept their values for a while.
    """
    if step.says.signature == "verified_blind":
        return {}
    value = {"id": str(entry.id), "label": spec.name, "value": entry.value, "unit": entry.unit}
    captured = entry.at - kept_for(entry.event)
    return {"record": value | {"by": entry.by.printed_name, "at": clock.iso(captured)}}


def _label(step: Step, entry: Entry) -> str:
    return next(spec.name for spec in step.says.entries if spec.id == entry.name)


def _said(value: str, unit: str) -> str:
    return f"{value} {unit}".strip()
