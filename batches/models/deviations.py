"""Exceptions, made by rule at the step, and the deviations people open on them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from batches.models.elements import Step
from batches.states import DeviationState, ExceptionState
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class Severity(models.TextChoices):
    INFO = "info", "Information"
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class ExceptionKind(models.TextChoices):
    OUT_OF_LIMIT = "out_of_limit", "Value outside its limits"
    ALERT = "alert", "Value outside its alert limits"
    LATE = "late", "Later than its window"
    CORRECTED = "corrected", "Value corrected"
    RECALCULATED = "recalculated", "Result calculated again"
    WRONG_BAG = "wrong_bag", "Wrong bag scanned"
    CANNOT_SCAN = "cannot_scan", "Label read by two people, not scanned"
    EQUIPMENT = "equipment", "Equipment did not do as commanded"
    INTERRUPTED = "interrupted", "Held, stopped or aborted"
    REPEATED = "repeated", "Attempted again"
    OFFLINE = "offline", "Recorded without network"
    DISAGREEMENT = "disagreement", "Two readings disagree"
    REDLINE = "redline", "Step added to this batch"
    NOT_APPLICABLE = "not_applicable", "Recorded as not applicable"
    YIELD = "yield", "Yield outside its limits"
    LATE_ENTRY = "late_entry", "Recorded later than it was done"
    NOT_COUNTED = "not_counted", "Particles not counted for a time"
    SILENT = "silent", "Nothing was heard of the equipment"


class Deviation(RecordedModel):
    """A departure from the recipe: owned, investigated, approved by somebody else, closed."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="deviations")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="deviations")
    number = models.CharField(max_length=50, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    blocks = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    investigated_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    investigation = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    other_batches = models.TextField(blank=True)
    conclusion = models.TextField(blank=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    follow_up = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=DeviationState.choices, default=DeviationState.OPEN)

    class Meta(RecordedModel.Meta):
        ordering = ["opened_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DeviationState.values), name="deviation_status_known"),
            models.CheckConstraint(
                condition=~Q(approved_by=models.F("investigated_by")),
                name="deviation_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def site(self) -> Site:
        return self.batch.site

    def manifest(self) -> dict[str, Any]:
        return {
            "deviation": self.number,
            "batch": self.batch.number,
            "title": self.title,
            "description": self.description,
            "severity": self.severity,
            "investigation": self.investigation,
            "impact": self.impact,
            "other_batches": self.other_batches,
            "conclusion": self.conclusion,
            **self._photos(),
        }

    def _photos(self) -> dict[str, Any]:
        """What is signed of a photo is its digest. Without photos it says what it said before there were any."""
        digests = [each.photo.sha256 for each in self.photos.all()]
        return {"photos": digests} if digests else {}


class BatchException(RecordedModel):
    """Something outside the expected, found by a rule; quality decides on it, nobody can delete it."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="exceptions")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="exceptions")
    attempt = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=20, choices=ExceptionKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    blocks = models.BooleanField(default=False)
    rule = models.CharField(max_length=300)
    text = models.TextField()
    data = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    deviation = models.ForeignKey(Deviation, null=True, on_delete=models.PROTECT, related_name="exceptions")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=ExceptionState.choices, default=ExceptionState.OPEN)

    class Meta(RecordedModel.Meta):
        ordering = ["raised_at", "id"]
        indexes = [models.Index(fields=["batch"], condition=Q(status=ExceptionState.OPEN), name="exception_open")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ExceptionState.values), name="exception_status_known"),
            models.CheckConstraint(
                condition=Q(status=ExceptionState.OPEN) | ~Q(decision=""),
                name="exception_decided_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"

    @property
    def site(self) -> Site:
        return self.batch.site

    def manifest(self) -> dict[str, Any]:
        return {
            "batch": self.batch.number,
            "kind": self.kind,
            "severity": self.severity,
            "text": self.text,
            "rule": self.rule,
            "decision": self.decision,
        }
