"""Suites, how a therapy is planned, slots, and what a slot binds: units, operators and lots."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from batches.models import Batch
from chain_of_identity.models import Order
from equipment.models import Unit
from materials.models import Lot
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel
from scheduling.openings import Interval
from scheduling.states import TAKING_A_PLACE, SlotStatus


class Suite(RecordedModel):
    """Rooms that make batches. `capacity` batches are there at a time, each in a lane of its own."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    capacity = models.PositiveSmallIntegerField()

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="suite_code_once_per_site"),
            models.CheckConstraint(condition=Q(capacity__gt=0), name="suite_has_a_lane"),
        ]

    def __str__(self) -> str:
        return self.code


class Therapy(RecordedModel):
    """How a site plans one product: its recipe, the time it takes, and how long cells may wait.

    Hours of process time. `collection_to_start_hours` is the validity of the collected material.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    product_code = models.CharField(max_length=40)
    recipe_code = models.CharField(max_length=40)
    suite_hours = models.PositiveIntegerField()
    collection_to_start_hours = models.PositiveIntegerField()
    vein_to_vein_hours = models.PositiveIntegerField()

    class Meta(RecordedModel.Meta):
        ordering = ["product_code"]
        verbose_name_plural = "therapies"
        constraints = [
            models.UniqueConstraint(fields=["site", "product_code"], name="therapy_once_per_site"),
            models.CheckConstraint(condition=Q(suite_hours__gt=0), name="therapy_takes_time"),
        ]

    def __str__(self) -> str:
        return self.product_code


class SlotQuerySet(models.QuerySet["Slot"]):
    def taking_a_place(self) -> SlotQuerySet:
        return self.filter(status__in=TAKING_A_PLACE)


class Slot(RecordedModel):
    """A place in a suite for one order, from and until; with the window in which cells are collected for it.

    The database lets no two slots that take a place overlap in one lane, whoever writes them.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    suite = models.ForeignKey(Suite, on_delete=models.PROTECT, related_name="slots")
    lane = models.PositiveSmallIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="slots")
    window = DateTimeRangeField()
    collection = DateTimeRangeField()
    hold_until = models.DateTimeField()
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="slot", null=True)
    status = models.CharField(max_length=20, choices=SlotStatus.choices, default=SlotStatus.HELD)

    objects = SlotQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "hold_until"])]
        constraints = [
            ExclusionConstraint(
                name="no_double_booking",
                expressions=[
                    ("suite", RangeOperators.EQUAL),
                    ("lane", RangeOperators.EQUAL),
                    ("window", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=TAKING_A_PLACE),
            ),
            models.UniqueConstraint(fields=["order"], condition=Q(status=SlotStatus.HELD), name="one_hold_per_order"),
            models.CheckConstraint(condition=Q(status__in=SlotStatus.values), name="slot_status_known"),
            models.CheckConstraint(
                condition=~Q(status=SlotStatus.CONFIRMED) | Q(batch__isnull=False),
                name="confirmed_slot_has_a_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suite.code} · {self.order.short}"

    @property
    def takes_a_place(self) -> bool:
        return self.status in TAKING_A_PLACE

    @property
    def interval(self) -> Interval:
        return Interval(self.window.lower, self.window.upper)


class UnitBooking(RecordedModel):
    """A unit bound to a slot. `window` and `active` repeat the slot's: the constraint needs them in one table."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="unit_bookings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    window = DateTimeRangeField()
    active = models.BooleanField(default=True)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        constraints = [
            ExclusionConstraint(
                name="a_unit_serves_one_slot",
                expressions=[("unit", RangeOperators.EQUAL), ("window", RangeOperators.OVERLAPS)],
                condition=Q(active=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} for {self.slot}"

    @property
    def site(self) -> Site:
        return self.slot.site


class OperatorBooking(RecordedModel):
    """A person planned for a slot."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="operator_bookings")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "person"], condition=Q(active=True), name="operator_once_per_slot")
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.slot}"

    @property
    def site(self) -> Site:
        return self.slot.site


class LotReservation(RecordedModel):
    """A quantity of a lot set aside for a slot, in the unit of the lot."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="lot_reservations")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=24, decimal_places=9)
    active = models.BooleanField(default=True)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_of_something")]

    def __str__(self) -> str:
        return f"{self.lot} for {self.slot}"

    @property
    def site(self) -> Site:
        return self.slot.site


class Notice(AppendOnlyModel):
    """What the clinic of an order is told about its slot: one row for each message, never changed."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="notices")
    clinic = models.CharField(max_length=120)
    text = models.TextField()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text

    @property
    def site(self) -> Site:
        return self.slot.site
