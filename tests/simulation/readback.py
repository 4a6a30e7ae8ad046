"""What the database says of one batch, in the model's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Value

from batches.models import (
    Batch,
    BatchException,
    CalculatedValue,
    Decision,
    Entry,
    MaterialDisposition,
    MaterialUse,
    Operation,
    Step,
    StepCommand,
    StepScan,
    UnitBinding,
    UnitProcedure,
)
from equipment.models import Command
from mes.records.models import Signature

Micro = Callable[[datetime], int]
STEP = ("id", "key", "attempt")
ELEMENT = ("status", "attempt", "started_at", "ended_at")
EXCEPTION = ("step_id", "attempt", "kind", "severity", "blocks", "status", "deviation_id")
ORDER = ("step_id", "to_safety", "status", "attempts", "look_again_at", "give_up_at")
FACTS: dict[str, type[Model]] = {
    "entry": Entry,
    "result": CalculatedValue,
    "decision": Decision,
    "scan": StepScan,
    "material": MaterialUse,
    "command": StepCommand,
}


def snapshot_of(batch_id: UUID, micro: Micro) -> dict[str, Any]:
    """Everything that is compared with the model after an act. Columns are read, not objects: it is read so often."""
    steps = {pk: (key, attempt) for pk, key, attempt in Step.objects.filter(batch=batch_id).values_list(*STEP)}
    keys = {pk: key for pk, (key, _) in steps.items()}
    decisions = Decision.objects.filter(step__batch=batch_id).values_list("step_id", "attempt", "choice")
    exceptions = BatchException.objects.filter(batch=batch_id).values_list(*EXCEPTION)
    orders = Command.objects.filter(batch_id=batch_id).order_by("requested_at", "id").values_list(*ORDER)
    return {
        "elements": _elements(batch_id, micro),
        "values": _values(batch_id, steps),
        "decisions": {(keys[pk], choice) for pk, attempt, choice in decisions if attempt == steps[pk][1]},
        "rows": Counter(_rows(batch_id)),
        "signatures": _signatures(batch_id, keys),
        "exceptions": Counter(
            (keys.get(pk, ""), *facts, status == "open", deviation is not None)
            for pk, *facts, status, deviation in exceptions
        ),
        "orders": [(keys.get(pk, ""), *facts, _micro(at, micro), _micro(end, micro)) for pk, *facts, at, end in orders],
        "unit": UnitBinding.objects.filter(batch=batch_id, until=None).exists(),
    }


def _elements(batch_id: UUID, micro: Micro) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for status, *facts in Batch.objects.filter(pk=batch_id).values_list(*ELEMENT):
        found["batch"] = (status, *_in_micro(facts, micro))
    for table in (UnitProcedure, Operation):
        for key, *facts in table._default_manager.filter(batch=batch_id).values_list("key", *ELEMENT):
            found[key] = tuple(_in_micro(facts, micro))
    more = ("needed", "not_before", "late_after", "due_at")
    for key, *facts in Step.objects.filter(batch=batch_id).values_list("key", *ELEMENT, *more):
        found[key] = tuple(_in_micro(facts, micro))
    return found


def _in_micro(facts: Iterable[object], micro: Micro) -> Iterator[object]:
    return (micro(each) if isinstance(each, datetime) else each for each in facts)


def _micro(moment: datetime | None, micro: Micro) -> int | None:
    return None if moment is None else micro(moment)


def _values(batch_id: UUID, steps: dict[UUID, tuple[str, int]]) -> set[tuple[str, ...]]:
    """What is in force in the present attempt of each step."""
    found: set[tuple[str, ...]] = set()
    for table in (Entry, CalculatedValue):
        rows = table._default_manager.filter(step__batch=batch_id, superseded_by=None)
        for pk, attempt, *facts in rows.values_list("step_id", "attempt", "name", "value", "verdict"):
            key, present = steps[pk]
            if attempt == present:
                found.add((key, *facts))
    return found


def _rows(batch_id: UUID) -> list[tuple[str, str, int]]:
    """What was recorded in every attempt, in one question."""
    tables = [
        table._default_manager.filter(step__batch=batch_id).order_by().annotate(of=Value(name))
        for name, table in FACTS.items()
    ]
    each = [table.values_list("of", "step__key", "attempt") for table in tables]
    return list(each[0].union(*each[1:], all=True))


def _signatures(batch_id: UUID, keys: dict[UUID, str]) -> Counter[tuple[str, str]]:
    material = MaterialDisposition.objects.filter(batch=batch_id).values_list("pk", flat=True)
    known = keys | {batch_id: "batch"} | dict.fromkeys(material, "material")
    rows = Signature.objects.filter(subject_id__in=known).exclude(meaning="issued")
    return Counter((known[subject], meaning) for subject, meaning in rows.values_list("subject_id", "meaning"))
