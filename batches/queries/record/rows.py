"""All rows of a batch, each table read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

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
    Step,
    StepCommand,
    StepPhoto,
    StepScan,
    StepTransfer,
    UnitBinding,
)
from batches.queries.early_end import dispositions_of
from batches.queries.record.signatures import Signatures
from batches.queries.redlines import redlines_of
from batches.recorded import read_ahead


class Rows:
    """All rows of a batch, each table read once and sorted by step and attempt."""

    def __init__(self, batch: Batch) -> None:
        steps = Step.objects.filter(batch=batch).order_by("position")
        self.steps = list(steps.select_related("operation__unit_procedure", "performer", "room"))
        for step in self.steps:
            step.batch = batch
        read_ahead(self.steps)
        self.entries = _by_attempt(Entry.objects.filter(step__batch=batch).select_related("by", "form"))
        self.results = _by_attempt(CalculatedValue.objects.filter(step__batch=batch))
        self.facts = _by_attempt(_facts(batch))
        photos = StepPhoto.objects.filter(step__batch=batch).select_related("by").defer("content")
        self.photos = _by_attempt(photos)
        self.retaken = {photo.retakes_id for found in self.photos.values() for photo in found}
        self.superseded = _superseded(Entry, batch) | _superseded(CalculatedValue, batch)
        found = BatchException.objects.filter(batch=batch)
        self.exceptions = list(found.select_related("batch", "step", "raised_by", "decided_by", "deviation"))
        deviations = Deviation.objects.filter(batch=batch).select_related("batch", "opened_by", "owner")
        self.deviations = list(deviations.prefetch_related("photos"))
        self.redlines = list(redlines_of(batch))
        self.added = {each.step_id: each.credit for each in self.redlines if each.step_id}
        self.dispositions = list(dispositions_of(batch))
        signed = (self.steps, self.exceptions, self.deviations, self.redlines, self.dispositions)
        self.signatures = Signatures([batch], *signed)
        bindings = UnitBinding.objects.filter(batch=batch).select_related("unit")
        self.bindings = defaultdict(list)
        for binding in bindings:
            self.bindings[binding.step_id].append(binding)


def _by_attempt(rows: Iterable[Any]) -> dict[tuple[UUID, int], list[Any]]:
    found: dict[tuple[UUID, int], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.step_id, row.attempt].append(row)
    return found


def _facts(batch: Batch) -> list[Any]:
    tables: tuple[QuerySet[Any], ...] = (
        StepScan.objects.all(),
        LotChoice.objects.select_related("lot__material"),
        MaterialUse.objects.select_related("lot_use__lot__material"),
        StepCommand.objects.select_related("command__unit"),
        Decision.objects.all(),
        StepTransfer.objects.select_related("transformation__order"),
        LineClearance.objects.select_related("room", "verified_by"),
    )
    rows = [row for table in tables for row in table.filter(step__batch=batch).select_related("by")]
    return sorted(rows, key=lambda row: (row.at, row.id))


def _superseded(model: Any, batch: Batch) -> set[UUID]:
    rows = model.objects.filter(step__batch=batch, supersedes__isnull=False)
    return set(rows.values_list("supersedes_id", flat=True))
