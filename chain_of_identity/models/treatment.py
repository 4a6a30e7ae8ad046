"""At the bed: two people, two identifiers, and the infusion."""

from typing import Any, ClassVar

from django.db import models

from chain_of_identity.models.containers import Container
from chain_of_identity.models.orders import Order, millilitres
from chain_of_identity.models.scans import Scan
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class BedsideCheck(RecordedModel):
    """Bag and wristband scanned, the second identifier said by the patient, by two people."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="bedside_checks")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="bedside_checks")
    bag_scan = models.OneToOneField(Scan, on_delete=models.PROTECT, related_name="bag_check")
    wristband_scan = models.OneToOneField(Scan, on_delete=models.PROTECT, related_name="wristband_check")
    second_identifier = models.CharField(max_length=10)
    first = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(first=models.F("second")), name="two_people_at_the_bed")
        ]

    def __str__(self) -> str:
        return f"Bedside check of {self.container}"

    @property
    def site(self) -> Site:
        return self.order.site

    def manifest(self) -> dict[str, Any]:
        return {
            "coi_id": self.order.coi_id,
            "container": self.container.label,
            "bag_read": self.bag_scan.code,
            "wristband_read": self.wristband_scan.code,
            "second_identifier": self.second_identifier,
            "checked_at": self.checked_at,
        }


class Infusion(RecordedModel):
    """What was given, and when."""

    class Outcome(models.TextChoices):
        COMPLETE = "complete", "Given completely"
        PARTIAL = "partial", "Stopped, given in part"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="infusions")
    container = models.OneToOneField(Container, on_delete=models.PROTECT, related_name="infusion")
    bedside_check = models.OneToOneField(BedsideCheck, on_delete=models.PROTECT, related_name="infusion")
    volume_ml = models.DecimalField(max_digits=9, decimal_places=3)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.CharField(max_length=400, blank=True)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at__gte=models.F("started_at")), name="infusion_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=models.Q(volume_ml__gt=0), name="infusion_has_a_volume"),
        ]

    def __str__(self) -> str:
        return f"Infusion of {self.container}"

    @property
    def site(self) -> Site:
        return self.order.site

    @property
    def volume(self) -> str:
        return millilitres(self.volume_ml)
