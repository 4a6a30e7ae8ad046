"""Materials, their lots, and what each lot was used for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from materials.states import LotStatus
from mes.accounts.models import Site, User
from mes.quantities import Quantity
from mes.records.models import AppendOnlyModel, RecordedModel


class MaterialKind(models.TextChoices):
    REAGENT = "reagent", "Reagent"
    MEDIUM = "medium", "Medium"
    VECTOR = "vector", "Vector"
    EXCIPIENT = "excipient", "Excipient"
    CONSUMABLE = "consumable", "Single-use item"


class Material(RecordedModel):
    """Something a recipe asks for by its code, counted in one unit at this site."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=MaterialKind.choices)
    unit = models.CharField(max_length=30)

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="material_code_once_per_site")]

    def __str__(self) -> str:
        return self.code


class Lot(RecordedModel):
    """One delivery of one material. `remaining` only falls; the database lets it not below zero."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField(max_length=60)
    barcode = models.CharField(max_length=100)
    quantity = models.DecimalField(max_digits=24, decimal_places=9)
    remaining = models.DecimalField(max_digits=24, decimal_places=9)
    unit = models.CharField(max_length=30)
    expires_at = models.DateTimeField()
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attributes = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=20, choices=LotStatus.choices, default=LotStatus.QUARANTINED)

    class Meta(RecordedModel.Meta):
        ordering = ["expires_at", "id"]
        indexes = [models.Index(fields=["site", "status", "expires_at"])]
        constraints = [
            models.UniqueConstraint(fields=["material", "number"], name="lot_number_once_per_material"),
            models.UniqueConstraint(fields=["site", "barcode"], name="lot_barcode_once_per_site"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("quantity")),
                name="lot_never_overdrawn",
            ),
            models.CheckConstraint(condition=Q(status__in=LotStatus.values), name="lot_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.material.code} {self.number}"

    def manifest(self) -> dict[str, Any]:
        """What a person releasing the lot sees: never what is left, which changes with use."""
        return {
            "material": self.material.code,
            "name": self.material.name,
            "lot": self.number,
            "quantity": str(Quantity(self.quantity.normalize(), self.unit)),
            "expires_at": self.expires_at.isoformat(),
            "received_at": self.received_at.isoformat(),
            "received_by": self.received_by.printed_name,
            "attributes": self.attributes,
        }


class LotUse(AppendOnlyModel):
    """A quantity taken from a lot for one step of one batch (by id: materials knows no batch)."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="uses")
    quantity = models.DecimalField(max_digits=24, decimal_places=9)
    unit = models.CharField(max_length=30)
    batch_id = models.UUIDField(db_index=True)
    step_id = models.UUIDField()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="lot_use_takes_something")]

    def __str__(self) -> str:
        return f"{self.lot}: {Quantity(self.quantity.normalize(), self.unit)}"
