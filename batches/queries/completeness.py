"""Does the record hold, of every step that is done, what 211.188(b) asks for? What is not there, by name (R-087).

A step that is open is not looked at: its own gate tells of it. What the laboratory and the labels lack is told by the
gates of release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from batches.judgement import Verdict
from batches.models import Batch, Deviation, LineClearance, Step, UnitBinding
from batches.policy import meanings_asked
from batches.queries.review import complete_steps
from batches.queries.yields import outputs_of
from batches.recorded import Row, recorded_in
from batches.states import DeviationState, State
from chain_of_identity.models import Container, Link
from mes.errors import Reason
from mes.records.models import Signature, subject_type

# Each kind of fact, by the code of the reason that says it is missing.
KINDS = {
    "date_missing": "Dates",
    "unit_missing": "Equipment and line",
    "lot_missing": "Component lots",
    "measure_missing": "Weights and measures",
    "calculation_missing": "In-process results",
    "clearance_missing": "Inspection of the area",
    "yield_missing": "Yields",
    "container_missing": "Containers",
    "sample_missing": "Sampling",
    "performer_missing": "Performer",
    "signature_missing": "Performer and checker",
    "investigation_missing": "Investigations",
    "examination_missing": "Examinations",
}
WORDS_OF_AN_INVESTIGATION = ("investigation", "impact", "other_batches", "conclusion")


@dataclass(frozen=True)
class Held:
    """What the batch holds beside the facts of its steps, each table read once."""

    units: set[str]
    cleared: set[tuple[UUID, int]]
    containers: dict[str, list[Container]]
    signed: dict[UUID, set[str]]
    yields: set[str]


def missing_facts(batch: Batch) -> list[Reason]:
    """Everything the record of a batch should hold by now and does not; empty when it is whole."""
    steps = complete_steps(batch)
    held = _held(batch, steps)
    found = [*_dates_of_batch(batch), *(reason for step in steps for look in LOOKS for reason in look(step, held))]
    return list(dict.fromkeys([*found, *_investigations(batch)]))


def _held(batch: Batch, steps: list[Step]) -> Held:
    containers: dict[str, list[Container]] = defaultdict(list)
    for link in Link.objects.filter(transformation__batch_id=batch.id).select_related("target"):
        containers[str(link.transformation_id)].append(link.target)
    signed: dict[UUID, set[str]] = defaultdict(set)
    signatures = Signature.objects.filter(subject_type=subject_type(Step()), subject_id__in=[each.id for each in steps])
    for step_id, meaning in signatures.values_list("subject_id", "meaning"):
        signed[step_id].add(meaning)
    return Held(
        units=set(UnitBinding.objects.filter(batch=batch).values_list("alias", flat=True)),
        cleared=set(LineClearance.objects.filter(batch=batch).values_list("step_id", "attempt")),
        containers=containers,
        signed=signed,
        yields={output.actual for output in outputs_of(batch) if output.actual},
    )


def _missing(code: str, step: Step, what: str) -> Reason:
    return Reason(code, f"Step {step}: {what}.", str(step.id))


def _dates_of_batch(batch: Batch) -> Iterator[Reason]:
    if batch.status == State.COMPLETE and not (batch.started_at and batch.ended_at):
        yield Reason("date_missing", "The batch has no start or no end.", batch.number)


def _dates(step: Step, held: Held) -> Iterator[Reason]:
    if not (step.started_at and step.ended_at):
        yield _missing("date_missing", step, "no start or no end")


def _equipment(step: Step, held: Held) -> Iterator[Reason]:
    alias = step.says.equipment
    if alias and alias not in held.units:
        yield Reason("unit_missing", f"No unit is recorded for “{alias}”.", alias)
    if step.says.command and not recorded_in(step).commands:
        yield _missing("unit_missing", step, "no command to its unit")
    if step.kind == "line_clearance" and step.room_id is None:
        yield _missing("unit_missing", step, "no room")


def _materials(step: Step, held: Held) -> Iterator[Reason]:
    used = {row["code"]: row for row in recorded_in(step).materials}
    for need in step.says.materials:
        if need.code not in used:
            yield _missing("lot_missing", step, f"no lot of {need.code}")
        elif not used[need.code]["quantity"]:
            yield _missing("measure_missing", step, f"no quantity of {need.code}")


def _entries(step: Step, held: Held) -> Iterator[Reason]:
    values = recorded_in(step).values()
    for entry in step.says.entries:
        if entry.required and not _says_something(values.get(entry.id)):
            usual = "measure_missing" if entry.type == "number" else "examination_missing"
            yield _missing(_kind(step, entry.id, held, usual), step, f"“{entry.name}” is missing")


def _calculation(step: Step, held: Held) -> Iterator[Reason]:
    rule = step.says.calculation
    if rule and not _says_something(recorded_in(step).results().get(rule.result)):
        code = _kind(step, rule.result, held, "calculation_missing")
        yield _missing(code, step, f"“{rule.name or rule.result}” is missing")


def _decision(step: Step, held: Held) -> Iterator[Reason]:
    if step.says.decision and not recorded_in(step).decisions:
        yield _missing("calculation_missing", step, "no decision")


def _photos(step: Step, held: Held) -> Iterator[Reason]:
    taken = {row["name"] for row in recorded_in(step).photos}
    for need in step.says.photos:
        if need.required and need.id not in taken:
            yield _missing("examination_missing", step, f"no photo “{need.name}”")


def _area(step: Step, held: Held) -> Iterator[Reason]:
    if step.kind == "line_clearance" and (step.id, step.attempt) not in held.cleared:
        yield _missing("clearance_missing", step, "no inspection of the area")


def _containers(step: Step, held: Held) -> Iterator[Reason]:
    """What came out of a transfer, a filling or a sampling."""
    if not (step.says.transfer or step.says.sample):
        return
    made = [each for moved in recorded_in(step).transfers for each in held.containers[moved]]
    if not made:
        code = "sample_missing" if step.says.sample else "container_missing"
        yield _missing(code, step, "no container")
    for container in made:
        if not (container.kind and container.holds):
            yield _missing("container_missing", step, f"container {container} is not described")


def _people(step: Step, held: Held) -> Iterator[Reason]:
    """Who did it, and the signatures the recipe asks for; whether those still hold has a gate of its own."""
    by_the_system = step.kind == "calculation" and step.says.signature == "none"
    if step.performer_id is None and not by_the_system:
        yield _missing("performer_missing", step, "no performer")
    for meaning in meanings_asked(step.says.signature):
        if meaning not in held.signed[step.id]:
            yield _missing("signature_missing", step, f"“{meaning}” is missing or void")


def _investigations(batch: Batch) -> Iterator[Reason]:
    settled = (DeviationState.APPROVED, DeviationState.CLOSED)
    for deviation in Deviation.objects.filter(batch=batch, status__in=settled):
        for field in WORDS_OF_AN_INVESTIGATION:
            if not getattr(deviation, field).strip():
                words = f"Deviation {deviation.number}: “{field.replace('_', ' ')}” is missing."
                yield Reason("investigation_missing", words, str(deviation.id))


def _kind(step: Step, name: str, held: Held, usual: str) -> str:
    """A value the recipe calls the actual yield is missed as that."""
    return "yield_missing" if f"{step.key}.{name}" in held.yields else usual


def _says_something(row: Row | None) -> bool:
    return row is not None and (bool(row["value"].strip()) or row["verdict"] == Verdict.NOT_APPLICABLE)


LOOKS: tuple[Callable[[Step, Held], Iterator[Reason]], ...] = (
    _dates,
    _equipment,
    _materials,
    _entries,
    _calculation,
    _decision,
    _photos,
    _area,
    _containers,
    _people,
)
