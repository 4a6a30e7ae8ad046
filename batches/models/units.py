"""Which unit works for which batch."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from batches.models.elements import Step
from equipment.models import Unit
from mes.records.models import RecordedModel


class UnitBinding(RecordedModel):
    """The recipe's name for a piece of equipment ("culture_unit") bound to a real one, for as long as it is needed."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="bindings")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="bindings")
    alias = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(RecordedModel.Meta):
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "alias"], condition=Q(until__isnull=True), name="one_unit_per_alias"
            )
        ]

    def __str__(self) -> str:
        return f"{self.alias}: {self.unit}"
