"""The early end of a batch in its record."""

from batches.models import MaterialDisposition
from batches.queries.record.lines import DispositionLine, NoticeLine
from batches.queries.record.rows import Rows
from chain_of_identity.models import ClinicNotice


def disposition_line(rows: Rows, found: MaterialDisposition) -> DispositionLine:
    return DispositionLine(
        attempt=found.attempt,
        decision=found.get_decision_display(),
        containers=found.containers,
        reason=found.reason,
        decided_by=found.decided_by.printed_name,
        decided_at=found.decided_at,
        signatures=rows.signatures.lines(found),
    )


def notice_line(found: ClinicNotice) -> NoticeLine:
    return NoticeLine(
        title=found.title,
        text=found.text,
        physician=found.order.physician,
        clinic=found.order.clinic,
        told_by=found.told_by.printed_name,
        told_at=found.told_at,
        read_by=found.read_by.printed_name if found.read_by else "",
        read_at=found.read_at,
    )
