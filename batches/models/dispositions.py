"""What becomes of the material of a batch that came to an early end."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class MaterialDisposition(RecordedModel):
    """A signed decision on what is left of the patient's material. A later one takes the place of an earlier one."""

    class Decision(models.TextChoices):
        QUARANTINE = "quarantine", "Keep in quarantine"
        RETURN = "return", "Return to the clinic"
        DISCARD = "discard", "Discard"

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="material_dispositions")
    attempt = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=12, choices=Decision.choices)
    containers = models.JSONField(default=list)
    reason = models.TextField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "attempt"])]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="material_disposition_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: material of {self.batch.number}"

    @property
    def site(self) -> Site:
        return self.batch.site

    def manifest(self) -> dict[str, Any]:
        return {
            "batch": self.batch.number,
            "coi": self.batch.coi_id,
            "attempt": self.attempt,
            "decision": self.decision,
            "containers": self.containers,
            "reason": self.reason,
        }
