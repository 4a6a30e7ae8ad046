"""Blind verification: the second person enters what they read, without seeing the first value."""

from __future__ import annotations

from collections.abc import Mapping

from batches.errors import ReadingsDisagree
from batches.judgement import Verdict, agree, read_number
from batches.manifest import current_entries
from batches.models import Entry, ExceptionKind, Reading, Severity, Step
from batches.policy import labels_of
from batches.queries.blind import first_readings
from batches.services.entries import entry_spec, read_entry
from batches.services.exceptions import raise_exception
from mes import clock
from mes.accounts.models import User
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.records.models import Event


def compare_readings(event: Event, step: Step, reader: User, readings: Mapping[str, str]) -> ReadingsDisagree | None:
    """Keep the second readings and compare each with the first; the disagreement, or None when all agree."""
    expected, labels = first_readings(step), labels_of(step.says)
    missing = sorted(name for name in expected if not readings.get(name))
    if missing:
        words = ", ".join(labels[name] for name in missing)
        raise InvalidInput(Phrase("The second person enters: {missing}.", missing=words), fields=missing)
    differing = []
    for name, (value, unit) in expected.items():
        second = _keep(event, step, reader, name, readings[name], unit)
        if not agree(value, second.value):
            differing.append(f"{labels[name]}: {value} and {second.value} {unit}".strip())
    if not differing:
        return None
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.DISAGREEMENT,
        severity=Severity.MEDIUM,
        text="; ".join(differing),
    )
    return ReadingsDisagree("The two readings differ. Read again together.", step=step.key)


def _keep(event: Event, step: Step, reader: User, name: str, text: str, unit: str) -> Entry:
    former = current_entries(step, Reading.SECOND).get(name)
    if any(spec.id == name for spec in step.says.entries):
        value, verdict = read_entry(entry_spec(step, name), text, unit)
    else:
        value, verdict = f"{read_number(text, decimals=None):f}", Verdict.NOT_JUDGED
    return Entry.objects.create(
        step=step,
        attempt=step.attempt,
        by=reader,
        done_at=clock.now(step.site),
        name=name,
        value=value,
        unit=unit,
        verdict=verdict,
        reading=Reading.SECOND,
        supersedes=former,
        reason="Read again" if former else "",
    )
