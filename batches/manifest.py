"""What a step says when it is signed, and whose hands were in it. Reads a step through its own relations only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from batches.recorded import Recorded, Row, recorded_in

if TYPE_CHECKING:
    from batches.models.elements import Step
    from batches.models.facts import CalculatedValue, Entry


def current_entries(step: Step, reading: str = "performed") -> dict[str, Entry]:
    """The values in force in this attempt, by name: those no correction has superseded."""
    found = step.entries.filter(attempt=step.attempt, reading=reading, superseded_by__isnull=True)
    return {entry.name: entry for entry in found}


def current_results(step: Step) -> dict[str, CalculatedValue]:
    """The calculated values in force in this attempt, by name."""
    found = step.calculated.filter(attempt=step.attempt, superseded_by__isnull=True)
    return {result.name: result for result in found}


def manifest_of(step: Step) -> dict[str, Any]:
    """Instruction and record of the current attempt. State and end time are left out: signing changes them."""
    return manifest_with(step, recorded_in(step))


def manifest_with(step: Step, recorded: Recorded) -> dict[str, Any]:
    """The same from facts already read."""
    return {
        "batch": step.batch.number,
        "coi": step.batch.coi_id,
        "recipe_sha256": step.batch.sha256,
        "step": step.key,
        "title": step.name,
        "text": step.says.text,
        "attempt": step.attempt,
        "started_at": step.started_at,
        "entries": [_entry_line(row) for row in recorded.performed()],
        "calculated": [_only(row, "name", "value", "unit", "verdict") for row in recorded.calculated],
        "scans": [row["label"] for row in recorded.scans],
        "materials": [_only(row, "lot", "quantity", "unit") for row in recorded.materials],
        "room": step.room.code if step.room else "",
        "commands": recorded.commands,
        "decisions": recorded.decisions,
        "transfers": recorded.transfers,
        **_photos(recorded),
    }


def _photos(recorded: Recorded) -> dict[str, Any]:
    """What is signed of a photo is its digest. A step without photos says what it said before there were any."""
    lines = [_only(row, "label", "sha256", "retakes") for row in recorded.photos]
    return {"photos": lines} if lines else {}


def _entry_line(row: Row) -> Row:
    line = _only(row, "id", "name", "value", "unit", "verdict", "by", "reason") | {"corrects": row["supersedes"]}
    return line | (_only(row, "performed_at", "is_late", "form") if row["performed_at"] else {})


def _only(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def performers_of_step(step: Step) -> set[UUID]:
    """Everybody who started, entered, scanned, added, commanded, decided, moved or took a photo in this attempt."""
    relations = (
        step.entries.filter(reading="performed"),
        step.scans,
        step.materials,
        step.commands,
        step.decisions,
        step.transfers,
        step.photos,
        step.clearances,
        step.lots,
    )
    hands = {
        user_id
        for relation in relations
        for user_id in relation.filter(attempt=step.attempt).values_list("by_id", flat=True)
    }
    return hands | ({step.performer_id} if step.performer_id else set())
