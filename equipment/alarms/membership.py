"""Whose alarm it is: the batches that were in the unit while it lasted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from equipment.models import Alarm, Occupancy, Unit


def occupants(unit: Unit, since: datetime, until: datetime) -> QuerySet[Occupancy]:
    """The uses of a unit that touch the time from `since` to `until`."""
    inside = Q(until=None) | Q(until__gte=since)
    return Occupancy.objects.filter(inside, unit=unit, since__lte=until).order_by("since", "id")


def alarms_of_batch(batch_id: UUID) -> QuerySet[Alarm]:
    """Every alarm of a unit that lasted while the batch was in it, also one it came into; in order of time."""
    used = Occupancy.objects.filter(unit=OuterRef("unit"), batch_id=batch_id)
    left = Q(until=None) | Q(until__gte=OuterRef("began_at"))
    came = Q(since__lte=OuterRef("cleared_at"))
    shared = Exists(used.filter(left).filter(came)) | (Q(cleared_at=None) & Exists(used.filter(left)))
    found = Alarm.objects.filter(shared).select_related("unit__site", "acknowledged_by", "shelved_by")
    return found.order_by(F("raised_at"), "id")
