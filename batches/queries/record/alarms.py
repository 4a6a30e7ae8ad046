"""Alarms of the units a batch was in."""

from batches.queries.record.lines import AlarmLine
from equipment.models import Alarm


def alarm_line(found: Alarm) -> AlarmLine:
    return AlarmLine(
        id=str(found.id),
        unit=found.unit.code,
        priority=found.get_priority_display(),
        what=found.what,
        response=found.response,
        status=found.get_status_display(),
        began_at=found.began_at,
        raised_at=found.raised_at,
        cleared_at=found.cleared_at,
        is_late=found.is_late,
        acknowledged_by=found.acknowledged_by.printed_name if found.acknowledged_by else "",
        acknowledged_at=found.acknowledged_at,
        comment=found.comment,
        shelved_by=found.shelved_by.printed_name if found.shelved_by else "",
        shelf_reason=found.shelf_reason,
    )
