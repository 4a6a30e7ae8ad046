"""The first screen of a review: can it be released, and if not, what stops it; then everything a reviewer looks at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from batches.models import Batch
from batches.queries import completeness
from batches.queries.completeness import KINDS
from mes.errors import Reason
from qc_release.models import ReleaseFile, Review, ReviewKind
from qc_release.queries.blocks import blocks_to_release
from qc_release.queries.lines import TestLine, lines_of, patient_of
from qc_release.queries.lookups import file_of
from qc_release.queries.reviews import content_digest, reviewed_content
from qc_release.queries.sheet import ReleaseSheet, release_sheet
from qc_release.states import Disposition

# What a complete record holds: what batches look for themselves, and what the laboratory and the labels add.
OF_THE_RECORD = KINDS | {"result_missing": "Laboratory results", "labels_not_reconciled": "Labelling records"}


@dataclass(frozen=True)
class LineView:
    """One test as a reviewer reads it."""

    key: str
    name: str
    stage: str
    limit: str
    result: str
    verdict: str
    may_be_pending: bool
    unchecked: int
    line: TestLine


@dataclass(frozen=True)
class ReviewState:
    """One kind of review: what there is to look at, and whether the last signature still covers it."""

    kind: str
    label: str
    content: dict[str, Any]
    digest: str
    last: Review | None

    @property
    def signed_by(self) -> str | None:
        return self.last.reviewer.printed_name if self.last else None

    @property
    def signed_at(self) -> datetime | None:
        return self.last.reviewed_at if self.last else None

    @property
    def is_current(self) -> bool:
        return self.last is not None and self.last.content == self.content


@dataclass(frozen=True)
class Overview:
    batch_id: UUID
    batch: str
    coi_id: str
    status: str
    blocks: list[Reason]
    counts: dict[str, Any]
    lines: list[LineView]
    reviews: list[ReviewState]
    sheet: ReleaseSheet | None
    file: ReleaseFile | None

    @property
    def ready(self) -> bool:
        return not self.blocks

    @property
    def ready_with_pending(self) -> bool:
        """Nothing stands in the way but results that may come later."""
        pending = {each["key"] for each in self.pending}
        late = [each for each in self.blocks if each.code == "result_missing" and each.subject in pending]
        return bool(self.blocks) and len(late) == len(self.blocks)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What the record lacks of what 211.188 asks for: the kind of fact and which one."""
        return [(OF_THE_RECORD[each.code], each.message) for each in self.blocks if each.code in OF_THE_RECORD]

    @property
    def pending(self) -> list[dict[str, str]]:
        return self.sheet.pending if self.sheet else []

    @property
    def expires_at(self) -> datetime | None:
        return self.sheet.expires_at if self.sheet else None

    @property
    def digest(self) -> str:
        return self.sheet.digest if self.sheet else ""


def review_overview(batch: Batch) -> Overview:
    file = file_of(batch)
    return Overview(
        batch_id=batch.id,
        batch=batch.number,
        coi_id=batch.coi_id,
        status=file.status if file else Disposition.UNDER_REVIEW,
        blocks=blocks_to_release(batch),
        counts=completeness(batch),
        lines=_lines(file) if file else [],
        reviews=[_review(file, kind) for kind in ReviewKind] if file else [],
        sheet=release_sheet(file) if file else None,
        file=file,
    )


def _lines(file: ReleaseFile) -> list[LineView]:
    patient = patient_of(file)
    return [
        LineView(
            key=line.test.key,
            name=line.test.name,
            stage=line.test.stage,
            limit=line.latest.limit if line.latest else line.test.describe(patient),
            result=line.latest.shown if line.latest else "Result pending",
            verdict=line.verdict,
            may_be_pending=line.test.may_be_pending,
            unchecked=len(line.unchecked),
            line=line,
        )
        for line in lines_of(file)
    ]


def _review(file: ReleaseFile, kind: ReviewKind) -> ReviewState:
    content = reviewed_content(file, kind)
    last = file.reviews.filter(kind=kind).select_related("reviewer").last()
    return ReviewState(kind.value, kind.label, content, content_digest(content), last)
