"""Everything recorded in the current attempt of a step, read in one query: screens, gates and manifests share it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connection

if TYPE_CHECKING:
    from batches.models.elements import Step

Row = dict[str, Any]

# By hand: this is asked for at every act and every screen, and putting it together anew would take longer than running
# it. Times come out in ISO 8601 because every column passes through JSON; the numbers in these tables are text.
SQL = """
SELECT step.id, jsonb_build_object(
  'entries', ARRAY(SELECT jsonb_build_object('id', f.id, 'name', f.name, 'value', f.value, 'unit', f.unit,
      'verdict', f.verdict, 'supersedes', f.supersedes_id, 'reason', f.reason, 'reading', f.reading,
      'by', who.printed_name, 'done_at', f.done_at, 'at', f.at, 'performed_at', f.performed_at, 'is_late', f.is_late,
      'form', (SELECT paper.number FROM batches_paperform paper WHERE paper.id = f.form_id))
    FROM batches_entry f JOIN accounts_user who ON who.id = f.by_id
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'calculated', ARRAY(SELECT jsonb_build_object('id', f.id, 'name', f.name, 'value', f.value, 'unit', f.unit,
      'verdict', f.verdict, 'supersedes', f.supersedes_id, 'shown', f.shown, 'formula', f.formula,
      'formula_version', f.formula_version, 'inputs', f.inputs, 'rounding', f.rounding)
    FROM batches_calculatedvalue f
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'scans', ARRAY(SELECT jsonb_build_object('label', f.label, 'by', who.printed_name, 'done_at', f.done_at, 'at', f.at)
    FROM batches_stepscan f JOIN accounts_user who ON who.id = f.by_id
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'materials', ARRAY(SELECT jsonb_build_object('code', f.material_code, 'lot', material.code || ' ' || lot.number,
      'quantity', f.quantity, 'unit', f.unit, 'by', who.printed_name, 'done_at', f.done_at, 'at', f.at)
    FROM batches_materialuse f JOIN accounts_user who ON who.id = f.by_id
      JOIN materials_lotuse use ON use.id = f.lot_use_id JOIN materials_lot lot ON lot.id = use.lot_id
      JOIN materials_material material ON material.id = lot.material_id
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'commands', ARRAY(SELECT f.command_id::text FROM batches_stepcommand f
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'decisions', ARRAY(SELECT f.choice FROM batches_decision f
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'photos', ARRAY(SELECT jsonb_build_object('id', f.id, 'name', f.name, 'label', f.label, 'sha256', f.sha256,
      'retakes', f.retakes_id, 'by', who.printed_name, 'done_at', f.done_at, 'at', f.at)
    FROM batches_stepphoto f JOIN accounts_user who ON who.id = f.by_id
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id),
  'investigations', ARRAY(SELECT jsonb_build_object('id', f.id, 'text', f.text, 'deviation', deviation.number)
    FROM batches_batchexception f JOIN batches_deviation deviation ON deviation.id = f.deviation_id
    WHERE f.step_id = step.id AND f.kind = 'yield' AND f.status = 'open' AND deviation.blocks
      AND deviation.status NOT IN ('approved', 'closed') ORDER BY f.raised_at, f.id),
  'transfers', ARRAY(SELECT f.transformation_id::text FROM batches_steptransfer f
    WHERE f.step_id = step.id AND f.attempt = step.attempt ORDER BY f.at, f.id){more})
FROM batches_step step WHERE step.id {which}
"""
# One step is asked for by its id: PostgreSQL plans that once a connection. An array, whose length it cannot know, it
# plans anew every time, which takes three times as long as the query.
ONE, MANY = "= %s", "= ANY(%s)"
TURN = """,
  'turn', (SELECT ARRAY[next.id::text, next.operation_id::text, next.kind] FROM batches_step next
    WHERE next.batch_id = step.batch_id AND next.id <> step.id AND next.needed AND next.status <> 'COMPLETE'
    ORDER BY next.position LIMIT 1)"""


class Turn(NamedTuple):
    """The first step of a batch that is still to be done."""

    id: UUID
    operation_id: UUID
    kind: str


@dataclass(frozen=True)
class Recorded:
    """The facts of one attempt: lists of plain values in the order of their recording, times in ISO 8601.

    `investigations` are yields outside their limits that nobody has approved, of whichever attempt. `turn`, where it
    was asked for, is whose turn it is when this step is complete.
    """

    entries: list[Row]
    calculated: list[Row]
    scans: list[Row]
    materials: list[Row]
    commands: list[str]
    decisions: list[str]
    photos: list[Row]
    investigations: list[Row]
    transfers: list[str]
    turn: Turn | None = None

    def performed(self) -> list[Row]:
        """The values as first read; what a second person read blind stands beside them."""
        return [row for row in self.entries if row["reading"] == "performed"]

    def photos_in_force(self) -> list[Row]:
        """Those that were not taken again."""
        retaken = {row["retakes"] for row in self.photos}
        return [row for row in self.photos if row["id"] not in retaken]

    def values(self) -> dict[str, Row]:
        """The values in force, by name: those no correction has superseded."""
        return _in_force(self.performed())

    def results(self) -> dict[str, Row]:
        """The calculated values in force, by name."""
        return _in_force(self.calculated)


def recorded_in(step: Step) -> Recorded:
    """What is recorded in this step's current attempt: now, or when it was read ahead."""
    return step.read_ahead or _read([step])[step.pk]


def read_ahead(steps: Sequence[Step]) -> None:
    """For what is told about many steps: read all of them in one query, and keep it with these objects."""
    found = _read(steps)
    for step in steps:
        step.read_ahead = found[step.pk]


def read_ahead_with_turn(step: Step) -> None:
    """For the end of a step: what is signed, and whose turn comes then, in one query."""
    facts = _facts([step], TURN)[step.pk]
    turn = facts.pop("turn")
    step.read_ahead = Recorded(**facts, turn=Turn(UUID(turn[0]), UUID(turn[1]), turn[2]) if turn else None)


def _read(steps: Sequence[Step]) -> dict[UUID, Recorded]:
    return {pk: Recorded(**facts) for pk, facts in _facts(steps).items()}


def _facts(steps: Sequence[Step], more: str = "") -> dict[UUID, Row]:
    ids = [step.pk for step in steps]
    which, wanted = (ONE, ids) if len(ids) == 1 else (MANY, [ids])
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(more=more, which=which), wanted)
        return {pk: json.loads(facts) for pk, facts in cursor.fetchall()}


def _in_force(rows: list[Row]) -> dict[str, Row]:
    superseded = {row["supersedes"] for row in rows}
    return {row["name"]: row for row in rows if row["id"] not in superseded}
