"""Patients (as everybody may know them), the vault, orders and collections."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Right

from chain_of_identity.identifiers import short_form
from chain_of_identity.isbt import DonationNumber
from chain_of_identity.states import OrderStatus
from mes.accounts.models import Site
from mes.records.models import RecordedModel
from mes.records.triggers import recorded


def millilitres(volume: Decimal) -> str:
    """`200 mL`, without the zeros a column pads it with."""
    return f"{volume.normalize():f}\u202fmL"


class Patient(RecordedModel):
    """A person as the floor knows them: a pseudonym and the second identifier the site chose."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    pseudonym = models.CharField(max_length=20, unique=True)
    second_identifier_kind = models.CharField(max_length=20, choices=Site.SecondIdentifier.choices)
    second_identifier = models.CharField(max_length=10)

    class Meta(RecordedModel.Meta):
        pass

    def __str__(self) -> str:
        return self.pseudonym


class PatientIdentity(RecordedModel):
    """The vault: name, birth date and hospital number, sealed. Opened only by services.reveal_identity()."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="identity")
    key_id = models.CharField(max_length=40)
    box = models.TextField()

    class Meta(RecordedModel.Meta):
        pass

    def __str__(self) -> str:
        return f"Vault entry of {self.patient_id}"

    @property
    def site(self) -> Site:
        return self.patient.site


class Order(RecordedModel):
    """One therapy for one patient. Its chain-of-identity identifier is issued once and stands on everything after."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orders")
    coi_id = models.CharField(max_length=15, unique=True)
    product_code = models.CharField(max_length=40)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2)
    physician = models.CharField(max_length=120)
    clinic = models.CharField(max_length=120)
    consent_at = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=OrderStatus.choices, default=OrderStatus.ACTIVE)

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["site", "status", "-id"])]
        constraints: ClassVar = [
            # People say the last six signs only, so no two orders may share them.
            models.UniqueConstraint(Right("coi_id", 6), name="short_form_is_unique"),
            models.CheckConstraint(
                condition=models.Q(coi_id__regex=r"^CH[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{4}[A-Z0-9]{6}$"),
                name="coi_id_is_isbt_128",
            ),
            models.CheckConstraint(condition=models.Q(weight_kg__gt=0), name="patient_has_a_weight"),
            models.CheckConstraint(condition=models.Q(status__in=OrderStatus.values), name="order_status_is_known"),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(name="chain_stays", fields=["coi_id", "patient", "site"]),
        ]

    def __str__(self) -> str:
        return self.short

    @property
    def short(self) -> str:
        """What people say: `KX7-2D4`."""
        return short_form(self.coi_id)


class Collection(RecordedModel):
    """Cells taken from the donor. It keeps its own donation number beside the order's identifier."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="collections")
    container = models.OneToOneField("Container", on_delete=models.PROTECT, related_name="collection")
    din = models.CharField(max_length=13, unique=True)
    flags = models.CharField(max_length=2, blank=True)
    volume_ml = models.DecimalField(max_digits=9, decimal_places=3)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta(RecordedModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at__gte=models.F("started_at")), name="collection_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=models.Q(volume_ml__gt=0), name="collection_has_a_volume"),
        ]

    def __str__(self) -> str:
        return self.din

    @property
    def site(self) -> Site:
        return self.order.site

    @property
    def volume(self) -> str:
        return millilitres(self.volume_ml)

    @property
    def donation(self) -> DonationNumber:
        return DonationNumber(self.din, self.flags)


class PlannedStop(RecordedModel):
    """When something of the journey is planned. Grey on the journey page until it has happened."""

    class Stop(models.TextChoices):
        COLLECTION = "collection", "Collection"
        RECEIPT = "receipt", "Receipt"
        MANUFACTURING = "manufacturing", "Manufacturing"
        RELEASE = "release", "Release"
        PICK_UP = "pick_up", "Courier pick-up"
        INFUSION = "infusion", "Infusion"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="planned_stops")
    stop = models.CharField(max_length=20, choices=Stop.choices)
    planned_at = models.DateTimeField()
    note = models.CharField(max_length=120, blank=True)

    class Meta(RecordedModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "stop"], name="one_plan_per_stop")]

    def __str__(self) -> str:
        return f"{self.get_stop_display()} of {self.order}"

    @property
    def site(self) -> Site:
        return self.order.site
