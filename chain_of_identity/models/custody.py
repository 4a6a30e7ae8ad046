"""Custody: who has the material. It changes only when giver and receiver have both confirmed."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from chain_of_identity.models.containers import Container
from chain_of_identity.models.orders import Order
from chain_of_identity.models.parties import Party
from chain_of_identity.models.scans import Scan
from chain_of_identity.states import ShipmentStatus
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel

__all__ = [
    "Handover",
    "HandoverAnswer",
    "HandoverItem",
    "Party",
    "Receipt",
    "ReceiptItem",
    "Shipment",
    "ShipmentItem",
]

NO_DAMAGE = "No damage"


def _celsius() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)


class Shipment(RecordedModel):
    """Released product in a shipper, from packing to arrival."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    shipper = models.CharField(max_length=40)
    seal = models.CharField(max_length=40)
    logger_celsius = _celsius()
    destination = models.CharField(max_length=120)
    packed_at = models.DateTimeField()
    packed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=ShipmentStatus.choices, default=ShipmentStatus.PACKED)

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=ShipmentStatus.values), name="shipment_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.shipper

    @property
    def site(self) -> Site:
        return self.order.site


class ScannedItem(AppendOnlyModel):
    """A container in an act, with the scan that stood at the beginning of it. A scan serves one act only."""

    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="%(class)ss")
    scan = models.OneToOneField(Scan, on_delete=models.PROTECT, related_name="%(class)s")

    class Meta(AppendOnlyModel.Meta):
        abstract = True


class ShipmentItem(ScannedItem):
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="items")

    class Meta(ScannedItem.Meta):
        pass


class Handover(AppendOnlyModel):
    """The giver's half: offered, to whom, in which shipper and under which seal. Nothing has changed hands yet."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="handovers")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="handovers", null=True, blank=True)
    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_party = models.CharField(max_length=10, choices=Party.choices)
    to_party = models.CharField(max_length=10, choices=Party.choices)
    place = models.CharField(max_length=80)
    shipper = models.CharField(max_length=40, blank=True)
    seal = models.CharField(max_length=40, blank=True)
    logger_celsius = _celsius()
    condition = models.CharField(max_length=200, default=NO_DAMAGE)
    offered_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.get_from_party_display()} → {self.get_to_party_display()}"

    @property
    def is_open(self) -> bool:
        return not hasattr(self, "answer")


class HandoverItem(ScannedItem):
    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="items")

    class Meta(ScannedItem.Meta):
        pass


class HandoverAnswer(AppendOnlyModel):
    """The other half. Only `accepted` moves custody; a hand-over has one answer."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    handover = models.OneToOneField(Handover, on_delete=models.PROTECT, related_name="answer")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    place = models.CharField(max_length=80, blank=True)
    seal = models.CharField(max_length=40, blank=True)
    logger_celsius = _celsius()
    condition = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        pass

    def __str__(self) -> str:
        return self.get_outcome_display()


class Receipt(RecordedModel):
    """Incoming inspection of starting material, signed: identity, shipper, logger, bag."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="receipts")
    identity_ok = models.BooleanField()
    shipper_ok = models.BooleanField()
    logger_ok = models.BooleanField()
    bag_ok = models.BooleanField()
    accepted = models.BooleanField()
    note = models.CharField(max_length=400, blank=True)
    place = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(accepted=False)
                | models.Q(identity_ok=True, shipper_ok=True, logger_ok=True, bag_ok=True)
                | ~models.Q(note=""),
                name="a_failed_check_is_explained",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted=False) | models.Q(identity_ok=True), name="identity_is_never_waived"
            ),
        ]

    def __str__(self) -> str:
        return f"Receipt of {self.order}"

    @property
    def site(self) -> Site:
        return self.order.site

    def manifest(self) -> dict[str, Any]:
        return {
            "coi_id": self.order.coi_id,
            "containers": sorted(self.items.values_list("container__label", flat=True)),
            "identity_ok": self.identity_ok,
            "shipper_ok": self.shipper_ok,
            "logger_ok": self.logger_ok,
            "bag_ok": self.bag_ok,
            "accepted": self.accepted,
            "note": self.note,
            "received_at": self.received_at,
        }


class ReceiptItem(ScannedItem):
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="items")

    class Meta(ScannedItem.Meta):
        pass
