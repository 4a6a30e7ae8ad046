"""From operator to operator."""

from batches.models import HandOver
from batches.queries.record.lines import HandOverLine


def hand_over_line(found: HandOver) -> HandOverLine:
    return HandOverLine(
        step=str(found.step),
        given_by=found.given_by.printed_name,
        taken_by=found.taken_by.printed_name,
        note=found.note,
        timers=found.timers,
        exceptions=found.exceptions,
        unsent=found.unsent,
        at=found.at,
    )
