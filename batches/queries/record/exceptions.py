"""Exceptions and deviations, with the signatures that decided on them."""

from batches.models import BatchException, Deviation
from batches.queries.record.lines import DeviationRecord, ExceptionLine
from batches.queries.record.rows import Rows


def exception_line(rows: Rows, found: BatchException) -> ExceptionLine:
    return ExceptionLine(
        id=str(found.id),
        kind=found.get_kind_display(),
        step=str(found.step) if found.step else "",
        severity=found.severity,
        blocks=found.blocks,
        text=found.text,
        raised_at=found.raised_at,
        raised_by=found.raised_by.printed_name,
        status=found.status,
        decision=found.decision,
        decided_by=found.decided_by.printed_name if found.decided_by else "",
        deviation=found.deviation.number if found.deviation else "",
        signatures=rows.signatures.lines(found),
    )


def deviation_record(rows: Rows, found: Deviation) -> DeviationRecord:
    return DeviationRecord(
        number=found.number,
        title=found.title,
        description=found.description,
        severity=found.severity,
        status=found.status,
        opened_at=found.opened_at,
        opened_by=found.opened_by.printed_name,
        owner=found.owner.printed_name,
        investigation=found.investigation,
        impact=found.impact,
        other_batches=found.other_batches,
        conclusion=found.conclusion,
        follow_up=found.follow_up,
        photos=[f"{each.photo.label}, SHA-256 {each.photo.sha256}" for each in found.photos.all()],
        signatures=rows.signatures.lines(found),
    )
