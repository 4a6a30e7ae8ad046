"""A step of the record as a reader sees it: values, results, facts, photos and signatures, attempt by attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batches.judgement import in_words


@dataclass(frozen=True)
class SignatureLine:
    """11.50: printed name, role, meaning, date and time with zone.

    `standing` is valid, changed, invalid or withdrawn (mes.records.standing), `note` says why in words; a signature is
    valid for what was signed unless it is invalid or withdrawn.
    """

    id: str
    printed_name: str
    username: str
    role: str
    meaning: str
    at: datetime
    timezone: str
    digest: str
    command: str
    standing: str
    note: str
    valid: bool


@dataclass(frozen=True)
class ValueLine:
    """A value as entered. `changes` is the id of the value it corrects; `is_changed` marks one that was corrected."""

    id: str
    name: str
    label: str
    value: str
    unit: str
    limits: str
    verdict: str
    by: str
    done_at: datetime
    recorded_at: datetime
    reading: str
    corrects: str | None
    is_changed: bool
    reason: str
    performed_at: datetime | None
    is_late: bool
    form: str

    @property
    def judged(self) -> str:
        return in_words(self.verdict)


@dataclass(frozen=True)
class ResultLine:
    name: str
    label: str
    value: str
    shown: str
    unit: str
    verdict: str
    formula: str
    formula_version: str
    inputs: list[dict[str, Any]]
    rounding: str
    done_at: datetime
    is_changed: bool

    @property
    def judged(self) -> str:
        return in_words(self.verdict)


@dataclass(frozen=True)
class FactLine:
    """Anything else that happened: a scan, a lot, a unit, a command, a decision, a transfer, a clearance."""

    kind: str
    text: str
    by: str
    done_at: datetime


@dataclass(frozen=True)
class PhotoLine:
    """A photo by what it shows and its digest; the bytes stay where they are kept.

    One that `is_retaken` has a newer one beside it.
    """

    id: str
    name: str
    label: str
    sha256: str
    size: int
    media_type: str
    retakes: str | None
    is_retaken: bool
    hashed_by_tablet: bool
    by: str
    done_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class AttemptRecord:
    """One attempt of a step, with everything recorded in it."""

    number: int
    values: list[ValueLine]
    results: list[ResultLine]
    facts: list[FactLine]
    photos: list[PhotoLine]
    signatures: list[SignatureLine]


@dataclass(frozen=True)
class StepRecord:
    id: str
    key: str
    title: str
    text: str
    kind: str
    unit_procedure: str
    operation: str
    day: int | None
    status: str
    needed: bool
    citation: str
    illustrative: bool
    policy: str
    started_at: datetime | None
    ended_at: datetime | None
    performer: str
    added: str
    attempts: list[AttemptRecord]
