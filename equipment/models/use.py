"""Which batch is in a unit, and who calibrated and cleaned it: what its log tells (R-106)."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.db.models import F, Q

from equipment.models.places import Room, Unit
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class OccupancyQuerySet(models.QuerySet["Occupancy"]):
    def open(self) -> OccupancyQuerySet:
        return self.filter(until=None)


class Occupancy(RecordedModel):
    """A batch in a unit, from and until (process time). The database lets one batch at a time into a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="occupancies")
    batch_id = models.UUIDField()
    coi_id = models.CharField(max_length=40)
    exclusive = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)

    objects = OccupancyQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["batch_id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(until=None, exclusive=True),
                name="one_batch_in_a_unit_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["unit", "batch_id"],
                condition=Q(until=None),
                name="a_batch_is_once_in_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="occupancy_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.coi_id}"

    @property
    def site(self) -> Site:
        return self.unit.site


_TWO_PEOPLE = ~Q(performed_by=F("checked_by"))


class Calibration(RecordedModel):
    """One calibration: what was found, what was left, who did it and who checked it (R-106, R-107)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="calibrations")
    certificate = models.CharField(max_length=80)
    as_found_passed = models.BooleanField()
    as_left_passed = models.BooleanField()
    done_at = models.DateTimeField()
    due_at = models.DateTimeField()
    note = models.TextField(blank=True)
    performed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        ordering = ["done_at", "id"]
        constraints = [
            models.CheckConstraint(condition=_TWO_PEOPLE, name="calibration_checked_by_another"),
            models.CheckConstraint(condition=Q(due_at__gt=F("done_at")), name="calibration_due_after_it_was_done"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.certificate}"

    @property
    def site(self) -> Site:
        return self.unit.site

    def manifest(self) -> dict[str, Any]:
        return {
            "unit": self.unit.code,
            "certificate": self.certificate,
            "as_found": "passed" if self.as_found_passed else "failed",
            "as_left": "passed" if self.as_left_passed else "failed",
            "done_at": self.done_at,
            "due_at": self.due_at,
            "note": self.note,
            "performed_by": self.performed_by.printed_name,
        }


class Cleaning(RecordedModel):
    """One cleaning of a unit or a room, by one person and checked by another."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cleanings", null=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="cleanings", null=True)
    procedure = models.CharField(max_length=120)
    done_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    performed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        ordering = ["done_at", "id"]
        constraints = [
            models.CheckConstraint(condition=_TWO_PEOPLE, name="cleaning_checked_by_another"),
            models.CheckConstraint(
                condition=Q(unit=None, room__isnull=False) | Q(unit__isnull=False, room=None),
                name="cleaning_of_a_unit_or_a_room",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} · {self.procedure}"

    @property
    def place(self) -> Unit | Room:
        return self.unit or cast(Room, self.room)

    @property
    def site(self) -> Site:
        return self.place.site

    def manifest(self) -> dict[str, Any]:
        return {
            "place": self.place.code,
            "procedure": self.procedure,
            "done_at": self.done_at,
            "due_at": self.due_at,
            "performed_by": self.performed_by.printed_name,
        }
