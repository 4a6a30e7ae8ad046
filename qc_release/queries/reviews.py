"""What a review looks at. Taken again later, a difference shows that the review is out of date."""

from collections import Counter
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet

from batches.models import Batch, BatchException, Deviation, Entry, ExceptionKind, LineClearance, Step
from chain_of_identity.models import Scan
from equipment.adapters.base import Quality
from equipment.alarms.membership import alarms_of_batch
from equipment.models import Alarm, Reading
from equipment.queries import units_of_batch
from mes.records.models import Event
from mes.records.queries import events_of_batch
from mes.records.services import canonical
from qc_release.models import Investigation, ReleaseFile, Result, ReviewKind
from qc_release.states import Disposition

# What the quality unit itself does to the file is not what it reviews.
_OWN = "qc_release."
PASSED = (Scan.Verdict.RIGHT, Scan.Verdict.CANNOT_SCAN)
SUPPLIED = (Disposition.RELEASED, Disposition.RELEASED_PENDING, Disposition.SUPPLIED_OOS)


def reviewed_content(file: ReleaseFile, kind: str) -> dict[str, Any]:
    """The content of one review as it is now: identities, states and counts, with zero shown."""
    look = {
        ReviewKind.RECORD: _record,
        ReviewKind.AUDIT_TRAIL: _audit_trail,
        ReviewKind.ENVIRONMENT: _environment,
    }[ReviewKind(kind)]
    return look(file)


def _record(file: ReleaseFile) -> dict[str, Any]:
    batch = file.batch
    return {
        "specification": str(file.specification_version),
        "specification_sha256": file.specification_version.sha256,
        "batch_status": batch.status,
        "steps": _count(Step.objects.filter(batch=batch, needed=True), "status"),
        "exceptions": _states(BatchException.objects.filter(batch=batch)),
        "deviations": _states(Deviation.objects.filter(batch=batch)),
        "results": _states(Result.objects.filter(sample__batch=batch)),
        "investigations": _states(Investigation.objects.filter(batch=batch)),
    }


def _audit_trail(file: ReleaseFile) -> dict[str, Any]:
    """Counts of what a reviewer filters for. `last_event` pins the trail that was looked at."""
    batch = file.batch
    trail = reviewable_events(file)
    last = trail.last()
    entries = Entry.objects.filter(step__batch=batch)
    return {
        "events": trail.count(),
        "last_event": str(last.id) if last else "",
        "values_corrected": entries.filter(supersedes__isnull=False).count(),
        "corrected_without_reason": entries.filter(supersedes__isnull=False, reason="").count(),
        "refused_scans": _scans(batch).exclude(verdict__in=PASSED).count(),
        "read_by_eye": _scans(batch).filter(verdict=Scan.Verdict.CANNOT_SCAN).count(),
        "exceptions": BatchException.objects.filter(batch=batch).count(),
        "late": BatchException.objects.filter(batch=batch, kind=ExceptionKind.LATE).count(),
    }


def _environment(file: ReleaseFile) -> dict[str, Any]:
    batch = file.batch
    units = [use.unit_id for use in units_of_batch(batch.id)]
    return {
        "rooms": sorted(set(_clearances(batch).values_list("room__code", flat=True))),
        "line_clearances": _clearances(batch).count(),
        "units": len(set(units)),
        "equipment_exceptions": BatchException.objects.filter(batch=batch, kind=ExceptionKind.EQUIPMENT).count(),
        "bad_readings": _bad_readings(batch, units),
        "alarms": [_alarm(each) for each in alarms_of_batch(batch.id)],
    }


def _alarm(alarm: Alarm) -> str:
    """What was alarmed and who answered. That it went back to normal after the batch had left is not the batch's."""
    return f"{alarm.id} {alarm}, {_answer(alarm)}"


def _answer(alarm: Alarm) -> str:
    if alarm.acknowledged_by:
        return f"acknowledged by {alarm.acknowledged_by.username}"
    return "only recorded" if alarm.is_event else "not acknowledged"


def reviewable_events(file: ReleaseFile) -> QuerySet[Event]:
    """The audit trail of the making of a batch, up to the moment the product was first let go."""
    trail = events_of_batch(file.batch_id).exclude(action__startswith=_OWN).exclude(action__contains="document")
    first = file.dispositions.filter(decision__in=SUPPLIED).order_by("number").first()
    if first is None:
        return trail
    let_go = Event.objects.get(pk=first.event_id)
    return trail.filter(at__lt=let_go.at).exclude(parent_id=let_go.id)


def _scans(batch: Batch) -> QuerySet[Scan]:
    return Scan.objects.filter(batch_id=batch.id)


def _clearances(batch: Batch) -> QuerySet[LineClearance]:
    return LineClearance.objects.filter(batch=batch)


def _bad_readings(batch: Batch, unit_ids: list[Any]) -> int:
    if batch.started_at is None:
        return 0
    found = Reading.objects.filter(unit_id__in=unit_ids, at__gte=batch.started_at, quality=Quality.BAD)
    return (found.filter(at__lte=batch.ended_at) if batch.ended_at else found).count()


def _count(rows: QuerySet[Any], field: str) -> dict[str, int]:
    return dict(sorted(Counter(rows.values_list(field, flat=True)).items()))


def _states(rows: QuerySet[Any]) -> list[str]:
    """`id status`, in order: whatever is added or moves later makes a difference."""
    return [f"{row_id} {status}" for row_id, status in rows.order_by("id").values_list("id", "status")]


def content_digest(content: dict[str, Any]) -> str:
    """What a reviewer sends back to say: this is what I saw."""
    return sha256(canonical(content).encode()).hexdigest()
