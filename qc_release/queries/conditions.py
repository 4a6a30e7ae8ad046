"""Gates of release that look at what the batch was made with: lots, units and rooms, for the time they were used.

A lot rejected afterwards, or a unit found out of tolerance at its next calibration, blocks as well.
"""

from collections.abc import Iterator

from batches.models import Batch, LineClearance
from equipment.alarms.membership import alarms_of_batch
from equipment.alarms.models import Priority
from equipment.models import Calibration, Cleaning, Occupancy
from equipment.queries import units_of_batch
from materials.queries import lots_used_in
from materials.states import LotStatus
from mes import clock
from mes.errors import Reason


def materials_clean(batch: Batch) -> Iterator[Reason]:
    """Released lots, in date when they went in. What expired since was in date then."""
    for use in lots_used_in(batch.id):
        lot, used_at = use.lot, use.event.process_at
        if lot.status in (LotStatus.QUARANTINED, LotStatus.REJECTED):
            yield Reason("material_not_clean", f"Lot {lot} is {lot.get_status_display().lower()}.", str(lot))
        elif lot.expires_at <= used_at:
            words = f"Lot {lot} had expired when it was used {clock.show(batch.site, used_at)}."
            yield Reason("material_not_clean", words, str(lot))


def equipment_clean(batch: Batch) -> Iterator[Reason]:
    for use in units_of_batch(batch.id):
        yield from _calibrated(use)
        yield from _found_in_tolerance(use)
        yield from _cleaned(use)


def _calibrated(use: Occupancy) -> Iterator[Reason]:
    if not use.unit.page.calibrated:
        return
    passed = Calibration.objects.filter(unit=use.unit, as_left_passed=True, done_at__lte=use.since)
    last = passed.order_by("done_at").last()
    end = use.until or clock.now(use.unit.site)
    if last is None or last.due_at < end:
        yield Reason("equipment_not_clean", f"{use.unit} was not calibrated for all of its use.", use.unit.code)


def _found_in_tolerance(use: Occupancy) -> Iterator[Reason]:
    after = Calibration.objects.filter(unit=use.unit, done_at__gt=use.since).order_by("done_at").first()
    if after is not None and not after.as_found_passed:
        words = f"{use.unit} was found out of tolerance after its use ({after.certificate})."
        yield Reason("equipment_not_clean", words, use.unit.code)


def _cleaned(use: Occupancy) -> Iterator[Reason]:
    """A unit is cleaned before each batch; a shared one stays in use and is not."""
    if use.unit.page.shared:
        return
    before = Cleaning.objects.filter(unit=use.unit, done_at__lte=use.since).order_by("done_at").last()
    if before is None or (before.due_at is not None and before.due_at < use.since):
        yield Reason("equipment_not_clean", f"{use.unit} was not clean when the batch went in.", use.unit.code)


def rooms_clean(batch: Batch) -> Iterator[Reason]:
    """Graded work stood under a line clearance by two people."""
    for clearance in LineClearance.objects.filter(batch=batch, verified_by=None).select_related("room"):
        words = f"The line clearance of room {clearance.room} has no second person."
        yield Reason("environment_not_clean", words, clearance.room.code)


def alarms_answered(batch: Batch) -> Iterator[Reason]:
    """Somebody acknowledged every alarm that came from a unit while the batch was in it (R-117).

    The quality unit's review of alarms and environment lists them too: one that came after it makes it out of date.
    """
    for alarm in alarms_of_batch(batch.id).filter(acknowledged_by=None).exclude(priority=Priority.EVENT):
        words = f"Nobody acknowledged the alarm {alarm} of {clock.show(batch.site, alarm.raised_at)}."
        yield Reason("alarm_not_acknowledged", words, str(alarm.id))
