"""Steps somebody wanted to add, with the signatures that put them in."""

from batches.models import Redline
from batches.queries.record.lines import RedlineLine
from batches.queries.record.rows import Rows


def redline_line(rows: Rows, found: Redline) -> RedlineLine:
    return RedlineLine(
        key=found.key,
        title=found.says.title,
        after=str(found.after),
        severity=found.severity,
        reason=found.reason,
        waits=found.waits,
        proposed_by=found.proposed_by.printed_name,
        proposed_at=found.proposed_at,
        status=found.status,
        decided_by=found.decided_by.printed_name if found.decided_by else "",
        decided_at=found.decided_at,
        decision=found.decision,
        signatures=rows.signatures.lines(found),
    )
