"""What a certificate of analysis says: checked results and the specification version, never typed (R-159)."""

from typing import Any

from mes import clock
from mes.clock import iso, scale_mark
from qc_release.errors import ResultsNotApproved
from qc_release.models import DispositionRecord, ReleaseFile, Result
from qc_release.queries.lines import TestLine, lines_of, patient_of
from qc_release.queries.lookups import expiry_of
from qc_release.states import ResultState, meaning_of


def certificate_content(record: DispositionRecord, *, number: int, supersedes: int | None) -> dict[str, Any]:
    """The frozen content of one version. ResultsNotApproved when a result on it was not checked by a second analyst."""
    file = record.file
    batch, document = file.batch, file.specification_version.content
    lines = lines_of(file)
    _require_checked(lines)
    expires = expiry_of(file)
    return {
        "number": number,
        "supersedes": supersedes,
        "product": {"code": document.product_code, "name": document.product_name},
        "batch": batch.number,
        "coi": batch.coi_id,
        "recipe": {"name": str(batch.recipe_version), "sha256": batch.sha256},
        "specification": {
            "name": str(file.specification_version),
            "sha256": file.specification_version.sha256,
            "citations": document.citations,
        },
        "site": {"code": batch.site.code, "name": batch.site.name, "facility": batch.site.facility_code},
        "manufactured_at": clock.show(batch.site, batch.ended_at),
        "expires_at": clock.show(batch.site, expires) if expires else "Not known",
        "results": [row for line in lines for row in _rows(file, line)],
        "deviations": [
            {"number": each.number, "title": each.title, "state": each.get_status_display()}
            for each in batch.deviations.order_by("number")
        ],
        "disposition": _disposition(record),
        "clock": scale_mark(batch.site).lstrip(" ·"),
    }


def _require_checked(lines: list[TestLine]) -> None:
    waiting = [str(result) for line in lines for result in line.unchecked]
    if waiting:
        raise ResultsNotApproved("A certificate is made from checked results only.", waiting=waiting)


def _rows(file: ReleaseFile, line: TestLine) -> list[dict[str, Any]]:
    """Every result that counts, so that a failing one can never hide behind a passing retest."""
    if not line.counting:
        return [_pending(file, line)]
    return [_row(file, line, result) for result in line.counting if result.status == ResultState.CHECKED]


def _row(file: ReleaseFile, line: TestLine, result: Result) -> dict[str, Any]:
    return {
        "test": line.test.name,
        "stage": _stage(file, line),
        "method": str(result.method),
        "limit": result.limit,
        "result": result.shown,
        "judged": result.judged,
        "verdict": result.verdict,
        "sample": result.sample.code,
        "tested_at": clock.show(file.site, result.tested_at),
        "analyst": result.analyst.printed_name,
        "checked_by": result.checked_by.printed_name if result.checked_by else "",
        "result_id": str(result.id),
        "illustrative": line.test.illustrative,
    }


def _pending(file: ReleaseFile, line: TestLine) -> dict[str, Any]:
    return {
        "test": line.test.name,
        "stage": _stage(file, line),
        "method": f"{line.test.method.code} version {line.test.method.version}",
        "limit": line.test.describe(patient_of(file)),
        "result": "Result pending",
        "judged": "",
        "verdict": "pending",
        "sample": "",
        "tested_at": "",
        "analyst": "",
        "checked_by": "",
        "result_id": "",
        "illustrative": line.test.illustrative,
    }


def _stage(file: ReleaseFile, line: TestLine) -> str:
    stages = file.specification_version.content.stages
    return next(stage.name for stage in stages if stage.id == line.test.stage)


def _disposition(record: DispositionRecord) -> dict[str, Any]:
    site = record.file.site
    return {
        "decision": record.decision,
        "label": record.get_decision_display(),
        "sentence": record.content["sentence"],
        "comment": record.content["comment"],
        "pending": record.pending,
        "recall_path": record.content["recall_path"],
        "supply": record.content["supply"],
        "event": str(record.event_id),
        "by": record.decided_by.printed_name,
        "username": record.decided_by.username,
        "roles": sorted(record.decided_by.roles_at(site)),
        "meaning": meaning_of(record.decision),
        "at": clock.show(site, record.decided_at),
        "at_utc": iso(record.decided_at),
        "timezone": site.timezone,
    }
