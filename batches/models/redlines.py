"""A controlled addition to one running batch. Its recipe stays as it was issued."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from batches.models.deviations import Severity
from batches.models.elements import Step
from batches.states import RedlineState
from mes.accounts.models import Site, User
from mes.phrases import Phrase
from mes.records.models import RecordedModel
from recipes.document import Step as StepSpec
from recipes.document.added import step_from


class Redline(RecordedModel):
    """One step that somebody wants after another one. `step` is what it became, once somebody else approved it.

    `waits`: nothing after this point starts before it is decided on.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="redlines")
    after = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="redlines_after")
    key = models.CharField(max_length=40)
    spec = models.JSONField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    waits = models.BooleanField(default=False)
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    step = models.OneToOneField(Step, null=True, on_delete=models.PROTECT, related_name="redline")
    status = models.CharField(max_length=10, choices=RedlineState.choices, default=RedlineState.PROPOSED)

    class Meta(RecordedModel.Meta):
        ordering = ["proposed_at", "id"]
        indexes = [
            models.Index(fields=["batch"], condition=Q(status=RedlineState.PROPOSED), name="redline_proposed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "key"], name="redline_key_once_per_batch"),
            models.CheckConstraint(condition=Q(status__in=RedlineState.values), name="redline_status_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="redline_has_a_reason"),
            models.CheckConstraint(
                condition=Q(step__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="redline_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status=RedlineState.APPROVED) | Q(step__isnull=False),
                name="redline_approved_is_a_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.says.title}"

    @property
    def site(self) -> Site:
        return self.batch.site

    @cached_property
    def says(self) -> StepSpec:
        """The step as it was written, typed."""
        return step_from(self.spec)

    @property
    def credit(self) -> str:
        """What is shown with the added step for ever."""
        added = Phrase("Added: {person}", person=self.proposed_by.printed_name)
        if self.decided_by is None:
            return added
        return Phrase("{added}, approved {person}", added=added, person=self.decided_by.printed_name)

    def manifest(self) -> dict[str, Any]:
        """What is approved: this step, at this place, for this reason."""
        return {
            "batch": self.batch.number,
            "coi": self.batch.coi_id,
            "recipe_sha256": self.batch.sha256,
            "key": self.key,
            "after": self.after.key,
            "step": self.spec,
            "severity": self.severity,
            "reason": self.reason,
            "proposed_by": self.proposed_by.printed_name,
        }
