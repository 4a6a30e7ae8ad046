"""What a step says when it is signed, and whose hands were in it. Reads a step through its own relations only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

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
    facts = {"attempt": step.attempt}
    values = step.entries.filter(reading="performed", **facts).select_related("by")
    return {
        "batch": step.batch.number,
        "coi": step.batch.coi_id,
        "recipe_sha256": step.batch.sha256,
        "step": step.key,
        "title": step.name,
        "text": step.says.text,
        "attempt": step.attempt,
        "started_at": step.started_at,
        "entries": [_entry_line(entry) for entry in values],
        "calculated": [
            {"name": each.name, "value": each.value, "unit": each.unit, "verdict": each.verdict}
            for each in step.calculated.filter(**facts)
        ],
        "scans": [scan.label for scan in step.scans.filter(**facts)],
        "materials": [
            {"lot": str(use.lot_use.lot), "quantity": use.quantity, "unit": use.unit}
            for use in step.materials.filter(**facts).select_related("lot_use__lot__material")
        ],
        "room": step.room.code if step.room else "",
        "commands": [str(each.command_id) for each in step.commands.filter(**facts)],
        "decisions": [each.choice for each in step.decisions.filter(**facts)],
        "transfers": [str(each.transformation_id) for each in step.transfers.filter(**facts)],
    }


def _entry_line(entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "name": entry.name,
        "value": entry.value,
        "unit": entry.unit,
        "verdict": entry.verdict,
        "by": entry.by.printed_name,
        "corrects": str(entry.supersedes_id) if entry.supersedes_id else None,
        "reason": entry.reason,
    }


def performers_of_step(step: Step) -> set[UUID]:
    """Everybody who started, entered, scanned, added, commanded, decided or moved something in this attempt."""
    relations = (
        step.entries.filter(reading="performed"),
        step.scans,
        step.materials,
        step.commands,
        step.decisions,
        step.transfers,
        step.clearances,
        step.lots,
    )
    hands = {
        user_id
        for relation in relations
        for user_id in relation.filter(attempt=step.attempt).values_list("by_id", flat=True)
    }
    return hands | ({step.performer_id} if step.performer_id else set())
