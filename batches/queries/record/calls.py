"""Calls for a supervisor, and who came."""

from batches.models import SupervisorCall
from batches.queries.record.lines import CallLine


def call_line(found: SupervisorCall) -> CallLine:
    return CallLine(
        step=str(found.step),
        room=found.room.code if found.room else "",
        reason=found.reason,
        called_by=found.called_by.printed_name,
        pressed_at=found.pressed_at,
        called_at=found.called_at,
        escalated_at=found.escalated_at,
        answered_by=found.answered_by.printed_name if found.answered_by else "",
        answered_at=found.answered_at,
        settled_by=found.settled_by.printed_name if found.settled_by else "",
        settled_at=found.settled_at,
        outcome=found.outcome,
        status=found.status,
    )
