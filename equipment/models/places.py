"""Rooms and the units that stand in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass
from equipment.states import RoomStatus, UnitStatus
from mes.accounts.models import Site
from mes.records.models import RecordedModel

CLASS_CHOICES = [(page.code, page.name) for page in EQUIPMENT_CLASSES.values()]


class Grade(models.TextChoices):
    """Cleanroom grades, cleanest first (EU GMP Annex 1)."""

    A = "A", "Grade A"
    B = "B", "Grade B"
    C = "C", "Grade C"
    D = "D", "Grade D"
    UNCLASSIFIED = "U", "Unclassified"

    def is_at_least(self, needed: Grade) -> bool:
        order = list(Grade)
        return order.index(self) <= order.index(needed)


class Room(RecordedModel):
    """A room has one patient's open material at a time; closed units of several may stand in it."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    grade = models.CharField(max_length=1, choices=Grade.choices)
    status = models.CharField(max_length=20, choices=RoomStatus.choices, default=RoomStatus.TO_CLEAN)
    batch_id = models.UUIDField(null=True, blank=True)
    coi_id = models.CharField(max_length=40, blank=True)

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="room_code_once_per_site"),
            models.CheckConstraint(condition=Q(status__in=RoomStatus.values), name="room_status_known"),
            models.CheckConstraint(
                condition=Q(status=RoomStatus.IN_USE) | Q(batch_id=None),
                name="only_a_room_in_use_has_a_batch",
            ),
        ]

    def __str__(self) -> str:
        return self.code


# Nobody reaches these from here: they are not connected, or only leave files.
WORKED_BY_HAND = frozenset({"", "file_drop"})


class Unit(RecordedModel):
    """One piece of equipment in its place in the plant: site, area, process cell, unit (ISA-95, R-109).

    `calibration_due` and `cleaning_due` are the process times until which the unit counts as calibrated and clean;
    empty means that it is neither. `adapter` and `address` say how the gateway reaches it; empty means not connected.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    class_code = models.CharField(max_length=40, choices=CLASS_CHOICES)
    barcode = models.CharField(max_length=100)
    area = models.CharField(max_length=80)
    process_cell = models.CharField(max_length=80)
    adapter = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=UnitStatus.choices, default=UnitStatus.NOT_QUALIFIED)
    qualified_until = models.DateTimeField(null=True, blank=True)
    calibration_due = models.DateTimeField(null=True, blank=True)
    cleaning_due = models.DateTimeField(null=True, blank=True)

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="unit_code_once_per_site"),
            models.UniqueConstraint(fields=["site", "barcode"], name="unit_barcode_once_per_site"),
            models.CheckConstraint(condition=~Q(area="") & ~Q(process_cell=""), name="unit_has_its_place_in_the_plant"),
            models.CheckConstraint(condition=Q(status__in=UnitStatus.values), name="unit_status_known"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def page(self) -> EquipmentClass:
        return EQUIPMENT_CLASSES[self.class_code]

    @property
    def takes_commands(self) -> bool:
        """Where it takes none, a person does at the unit what a step says, and confirms it."""
        return self.adapter not in WORKED_BY_HAND
