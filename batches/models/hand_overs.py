"""One operator hands a batch to another, at one tablet."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from batches.models.batch import Batch
from batches.models.elements import Step
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class HandOver(RecordedModel):
    """Who gave, who took, and how much was open then; timers and exceptions as the server counted them."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="hand_overs")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    timers = models.PositiveSmallIntegerField()
    exceptions = models.PositiveSmallIntegerField()
    unsent = models.PositiveSmallIntegerField(help_text="of the one who took it, by the word of the tablet")
    at = models.DateTimeField()

    class Meta(RecordedModel.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(given_by=F("taken_by")), name="handed_over_to_another"),
        ]

    def __str__(self) -> str:
        return f"Hand-over of {self.batch.number} at {self.step.key}"

    @property
    def site(self) -> Site:
        return self.batch.site
