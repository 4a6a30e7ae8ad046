"""Scans: every one is kept, the wrong ones too."""

from typing import ClassVar

from django.db import models

from chain_of_identity.models.containers import Container
from chain_of_identity.models.orders import Order
from mes.accounts.models import User
from mes.records.models import AppendOnlyModel


class Cause(models.TextChoices):
    """Why a label could not be scanned: counted, so that the same thing is not put up with for months."""

    DAMAGED = "damaged", "Label torn, wet or frosted"
    PRINT = "print", "Badly printed"
    PLACE = "place", "Cannot be reached with the scanner"
    SCANNER = "scanner", "Scanner does not work"
    OTHER = "other", "Something else"


class Scan(AppendOnlyModel):
    """A code as read, what it was expected to belong to, and what it turned out to be."""

    class Verdict(models.TextChoices):
        RIGHT = "right", "Right"
        WRONG = "wrong", "Wrong"
        UNKNOWN = "unknown", "Unknown code"
        NOT_RELEASED = "not_released", "Right, but not released"
        WRONG_CONTAINER = "wrong_container", "Right patient, but not the container that is needed"
        CANNOT_SCAN = "cannot_scan", "Could not be scanned, two people read it"

    class Purpose(models.TextChoices):
        LABEL_CHECK = "label_check", "Label check"
        COLLECTION = "collection", "Collection"
        HANDOVER = "handover", "Hand-over"
        RECEIPT = "receipt", "Receipt"
        STEP = "step", "Step"
        SHIPPING = "shipping", "Shipping"
        THAW = "thaw", "Thaw"
        BEDSIDE = "bedside", "Bedside"
        WRISTBAND = "wristband", "Wristband"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="scans")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="scans", null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=120)
    expected = models.CharField(max_length=40)
    verdict = models.CharField(max_length=15, choices=Verdict.choices)
    purpose = models.CharField(max_length=15, choices=Purpose.choices)
    scanned_at = models.DateTimeField()
    batch_id = models.UUIDField(null=True, blank=True)
    step_id = models.UUIDField(null=True, blank=True)
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    tablet = models.CharField(max_length=60, blank=True)

    class Meta(AppendOnlyModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(verdict="cannot_scan")
                | (models.Q(verifier__isnull=False) & ~models.Q(verifier=models.F("by")) & ~models.Q(reason="")),
                name="cannot_scan_has_reason_and_second_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.verdict}"

    @property
    def passes(self) -> bool:
        """May the work that asked for this scan go on?"""
        return self.verdict in {self.Verdict.RIGHT, self.Verdict.CANNOT_SCAN}
