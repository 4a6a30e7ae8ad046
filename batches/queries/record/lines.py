"""The parts of a batch record as plain data, in the order they are read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from batches.queries.record.step_lines import SignatureLine, StepRecord, ValueLine


@dataclass(frozen=True)
class ExceptionLine:
    id: str
    kind: str
    step: str
    severity: str
    blocks: bool
    text: str
    raised_at: datetime
    raised_by: str
    status: str
    decision: str
    decided_by: str
    deviation: str
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class DeviationRecord:
    number: str
    title: str
    description: str
    severity: str
    status: str
    opened_at: datetime
    opened_by: str
    owner: str
    investigation: str
    impact: str
    other_batches: str
    conclusion: str
    follow_up: str
    photos: list[str]
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class RedlineLine:
    """A step somebody wanted to add to this batch, and what was decided on it."""

    key: str
    title: str
    after: str
    severity: str
    reason: str
    waits: bool
    proposed_by: str
    proposed_at: datetime
    status: str
    decided_by: str
    decided_at: datetime | None
    decision: str
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class HandOverLine:
    """Who handed the batch to whom, at which step, and how much was open then."""

    step: str
    given_by: str
    taken_by: str
    note: str
    timers: int
    exceptions: int
    unsent: int
    at: datetime


@dataclass(frozen=True)
class CallLine:
    """A call for a supervisor: who called from where, who came, what was done. Times are those on the wall."""

    step: str
    room: str
    reason: str
    called_by: str
    pressed_at: datetime
    called_at: datetime
    escalated_at: datetime | None
    answered_by: str
    answered_at: datetime | None
    settled_by: str
    settled_at: datetime | None
    outcome: str
    status: str


@dataclass(frozen=True)
class AlarmLine:
    """An alarm of a unit the batch was in: what it was, how long it lasted, who did what about it (R-117)."""

    id: str
    unit: str
    priority: str
    what: str
    response: str
    status: str
    began_at: datetime
    raised_at: datetime
    cleared_at: datetime | None
    is_late: bool
    acknowledged_by: str
    acknowledged_at: datetime | None
    comment: str
    shelved_by: str
    shelf_reason: str


@dataclass(frozen=True)
class LabelLine:
    """The printed labels of one container, and where they are (R-095)."""

    container: str
    printed: int
    used: int
    returned: int
    destroyed: int
    difference: int


@dataclass(frozen=True)
class LabelsExplained:
    differences: dict[str, int]
    reason: str
    by: str
    done_at: datetime


@dataclass(frozen=True)
class DispositionLine:
    """What becomes of the material of a batch that came to an early end (R-102)."""

    attempt: int
    decision: str
    containers: list[str]
    reason: str
    decided_by: str
    decided_at: datetime
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class NoticeLine:
    """What the clinic was told, and who there has read it."""

    title: str
    text: str
    physician: str
    clinic: str
    told_by: str
    told_at: datetime
    read_by: str
    read_at: datetime | None


@dataclass(frozen=True)
class YieldLine:
    """The actual yield and its percent of the theoretical one (R-092)."""

    name: str
    actual: str
    theoretical: str
    unit: str
    percent: str
    low: str
    high: str
    is_within: bool


@dataclass(frozen=True)
class PaperFormLine:
    """A numbered form of work on paper, and what became of it."""

    number: str
    steps: list[str]
    reason: str
    issued_by: str
    issued_at: datetime
    status: str
    settled_by: str
    settled_at: datetime | None
    settlement: str
    scan_sha256: str


@dataclass(frozen=True)
class EventLine:
    """One line of the audit trail, in the order of the database's clock."""

    id: str
    at: datetime
    process_at: datetime
    actor: str
    role: str
    action: str
    subject: str
    moves: list[dict[str, Any]]
    reason: str
    software_version: str


@dataclass(frozen=True)
class BatchRecord:
    id: str
    number: str
    site: str
    timezone: str
    clock_scale: str
    coi_id: str
    recipe: str
    recipe_version: int
    sha256: str
    product: str
    parameters: dict[str, Any]
    suite: str
    status: str
    attempt: int
    planned_start: datetime
    planned_end: datetime
    issued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    signatures: list[SignatureLine]
    steps: list[StepRecord]
    yields: list[YieldLine]
    paper_forms: list[PaperFormLine]
    exceptions: list[ExceptionLine]
    deviations: list[DeviationRecord]
    redlines: list[RedlineLine]
    calls: list[CallLine]
    hand_overs: list[HandOverLine]
    dispositions: list[DispositionLine]
    notices: list[NoticeLine]
    labels: list[LabelLine]
    labels_explained: list[LabelsExplained]
    alarms: list[AlarmLine]
    events: list[EventLine]

    def changes(self) -> list[tuple[StepRecord, ValueLine]]:
        """Every correction, in order: the appendix of changed data (Annex 11 section 8.2)."""
        return [
            (step, value)
            for step in self.steps
            for attempt in step.attempts
            for value in attempt.values
            if value.corrects
        ]

    def photo_ids(self) -> list[str]:
        """Of every attempt, in order."""
        attempts = (attempt for step in self.steps for attempt in step.attempts)
        return [photo.id for attempt in attempts for photo in attempt.photos]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
