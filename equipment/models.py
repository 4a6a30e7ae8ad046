"""Rooms, units, who used them, who cleaned and calibrated them, what they were told, what they measured."""

from __future__ import annotations

from typing import Any, cast

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from equipment.adapters.base import Quality
from equipment.alarms.models import Alarm, AlarmDefinition, AlarmProgress
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass
from equipment.files import models as files  # noqa: F401 (tables of this room)
from equipment.states import OPEN_COMMANDS, CommandStatus, RoomStatus, UnitStatus
from equipment.terminals import models as terminals  # noqa: F401 (tables of this room)
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.triggers import WakeBeat, append_only, recorded

__all__ = [
    "CLASS_CHOICES",
    "Alarm",
    "AlarmDefinition",
    "AlarmProgress",
    "Calibration",
    "Check",
    "CheckQuerySet",
    "CheckReport",
    "Cleaning",
    "Command",
    "CommandQuerySet",
    "Grade",
    "Occupancy",
    "OccupancyQuerySet",
    "Quality",
    "Reading",
    "ReadingBatch",
    "Room",
    "Unit",
]

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


class CommandQuerySet(models.QuerySet["Command"]):
    def open(self) -> CommandQuerySet:
        return self.filter(status__in=OPEN_COMMANDS)


class Command(RecordedModel):
    """A state a unit is to be in. The row is the work: whoever dies on the way, the next gateway goes on from it.

    `setpoints` and `read_back` are {name: {"value": "37.0", "unit": "°C"}}. `look_again_at` and `give_up_at` are
    times of the server's clock, since a device answers in real seconds; the others are process times.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="commands")
    name = models.CharField(max_length=40)
    setpoints = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=CommandStatus.choices, default=CommandStatus.REQUESTED)
    batch_id = models.UUIDField(null=True, blank=True)
    step_id = models.UUIDField(null=True, blank=True)
    to_safety = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    read_back = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)
    give_up_at = models.DateTimeField(null=True)

    objects = CommandQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        triggers = [
            *recorded(),
            WakeBeat(name="wake_beat", condition=pgtrigger.Condition("NEW.status IN ('confirmed', 'failed')")),
        ]
        indexes = [
            models.Index(
                fields=["unit", "id"],
                condition=Q(status__in=OPEN_COMMANDS),
                name="open_commands",
            ),
            models.Index(fields=["step_id"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CommandStatus.values), name="command_status_known")
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.name}"

    @property
    def site(self) -> Site:
        return self.unit.site

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_COMMANDS

    def wanted(self) -> dict[str, float]:
        """The set-points as the device takes them: numbers in the units of its class page."""
        return {name: float(quantity["value"]) for name, quantity in self.setpoints.items()}


class ReadingBatch(models.Model):
    """A bundle of readings that was written, in the transaction that wrote it: replaying a spool doubles nothing."""

    id = models.UUIDField(primary_key=True, editable=False)
    written_at = models.DateTimeField(auto_now_add=True)
    count = models.PositiveIntegerField()

    class Meta:
        triggers = append_only()
        indexes = [BrinIndex(fields=["written_at"], name="reading_batch_written")]

    def __str__(self) -> str:
        return f"{self.count} readings"


class Reading(models.Model):
    """One value from a device. Partitioned by source time; written by COPY (see readings.py), never changed.

    The table is made by SQL in the migration: Django knows no partitioned tables.
    """

    pk = models.CompositePrimaryKey("unit_id", "tag", "at")
    unit_id = models.UUIDField()
    tag = models.CharField(max_length=40)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField(null=True)
    quality = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Quality])

    class Meta:
        managed = False
        db_table = "equipment_reading"

    def __str__(self) -> str:
        return f"{self.tag} {self.at}"


class CheckQuerySet(models.QuerySet["Check"]):
    def open(self) -> CheckQuerySet:
        return self.filter(report=None)


class Check(AppendOnlyModel):
    """A commissioning check that was asked for. The row is the work: without a report it is still to be done."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="checks")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    objects = CheckQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Commissioning check of {self.unit}"

    @property
    def site(self) -> Site:
        return self.unit.site


class CheckReport(AppendOnlyModel):
    """What a check found: [{"what", "expected", "found", "outcome"}], as the gateway saw it."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        INCOMPLETE = "incomplete", "Incomplete"
        FAILED = "failed", "Failed"

    check_of = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="report")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    lines = models.JSONField()
    carried_out_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["passed", "incomplete", "failed"]), name="check_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_of}: {self.get_outcome_display()}"
