"""Everything recorded in the current attempt of a step, read in one query: screens, gates and manifests share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Manager, OuterRef, Value
from django.db.models.functions import Concat, JSONObject

if TYPE_CHECKING:
    from batches.models.elements import Step

Row = dict[str, Any]
WHEN = {"done_at": "done_at", "at": "at"}
WHO = {"by": "by__printed_name"}
VALUE = {name: name for name in ("id", "name", "value", "unit", "verdict", "supersedes")}
LOT = Concat("lot_use__lot__material__code", Value(" "), "lot_use__lot__number")
COLUMNS: tuple[dict[str, Any], ...] = (  # in the order of the fields of Recorded
    {**VALUE, **WHO, **WHEN, "reason": "reason", "reading": "reading"},
    VALUE | {name: name for name in ("shown", "formula", "formula_version", "inputs", "rounding")},
    {"label": "label", **WHO, **WHEN},
    {"code": "material_code", "lot": LOT, "quantity": "quantity", "unit": "unit", **WHO, **WHEN},
    {"command": "command"},
    {"choice": "choice"},
    {"transformation": "transformation"},
)


@dataclass(frozen=True)
class Recorded:
    """The facts of one attempt: lists of plain values in the order of their recording, times in ISO 8601."""

    entries: list[Row]
    calculated: list[Row]
    scans: list[Row]
    materials: list[Row]
    commands: list[Row]
    decisions: list[Row]
    transfers: list[Row]

    def performed(self) -> list[Row]:
        """The values as first read; what a second person read blind stands beside them."""
        return [row for row in self.entries if row["reading"] == "performed"]

    def values(self) -> dict[str, Row]:
        """The values in force, by name: those no correction has superseded."""
        return _in_force(self.performed())

    def results(self) -> dict[str, Row]:
        """The calculated values in force, by name."""
        return _in_force(self.calculated)


def recorded_in(step: Step) -> Recorded:
    """What is recorded in this step's current attempt now."""
    return recorded_in_all([step])[step.pk]


def recorded_in_all(steps: Iterable[Step]) -> dict[UUID, Recorded]:
    """The same for many steps, by the step's id, still in one query."""
    found = apps.get_model("batches", "Step").objects.filter(pk__in=[step.pk for step in steps])
    return {pk: Recorded(*facts) for pk, *facts in found.order_by().values_list("pk", *_facts())}


@cache
def _facts() -> list[ArraySubquery]:
    from batches.models import CalculatedValue, Decision, Entry, MaterialUse, StepCommand, StepScan, StepTransfer

    models = (Entry, CalculatedValue, StepScan, MaterialUse, StepCommand, Decision, StepTransfer)
    tables: list[Manager[Any]] = [model._default_manager for model in models]
    return [_rows_of(table, columns) for table, columns in zip(tables, COLUMNS, strict=True)]


def _rows_of(table: Manager[Any], columns: dict[str, Any]) -> ArraySubquery:
    facts = table.filter(step=OuterRef("pk"), attempt=OuterRef("attempt")).order_by("at", "id")
    return ArraySubquery(facts.values(row=JSONObject(**columns)))


def _in_force(rows: list[Row]) -> dict[str, Row]:
    superseded = {row["supersedes"] for row in rows}
    return {row["name"]: row for row in rows if row["id"] not in superseded}
