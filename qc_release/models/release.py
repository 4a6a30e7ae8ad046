"""The quality unit's file on a batch: what it is judged by, who reviewed what, and what was decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import Q

from batches.models import Batch
from batches.queries import performers_of
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import recorded
from qc_release.models.specifications import SpecificationVersion
from qc_release.states import Disposition, NoticeState


class ReleaseFile(RecordedModel):
    """One per batch. It binds the batch to the specification version in force when its first sample came."""

    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, related_name="release_file")
    specification_version = models.ForeignKey(SpecificationVersion, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Disposition.choices, default=Disposition.UNDER_REVIEW)

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(status__in=Disposition.values), name="disposition_known")]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(name="judged_by_one_version", fields=["batch", "specification_version"]),
        ]

    def __str__(self) -> str:
        return self.batch.number

    @property
    def site(self) -> Site:
        return self.batch.site

    def performer_ids(self) -> set[UUID]:
        """Everybody whose hands were in this batch: none of them may decide on it (R-163)."""
        return performers_of(self.batch)


class ReviewKind(models.TextChoices):
    RECORD = "record", "Batch record and results"
    AUDIT_TRAIL = "audit_trail", "Audit trail"
    ENVIRONMENT = "environment", "Alarms and environment"


class Review(RecordedModel):
    """A signed statement that somebody looked at exactly this content. A later change makes it out of date."""

    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=12, choices=ReviewKind.choices)
    content = models.JSONField()
    comment = models.TextField(blank=True)
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["file", "kind", "-id"])]
        triggers = [*recorded(), pgtrigger.ReadOnly(name="review_stays", exclude=["version"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.file}"

    @property
    def site(self) -> Site:
        return self.file.site

    def manifest(self) -> dict[str, Any]:
        return {
            "batch": self.file.batch.number,
            "kind": self.kind,
            "content": self.content,
            "comment": self.comment,
            "reviewer": self.reviewer.printed_name,
        }


class DispositionRecord(RecordedModel):
    """One decision on a batch, signed with the full credential. `content` is what was signed, word for word."""

    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="dispositions")
    number = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=20, choices=Disposition.choices)
    content = models.JSONField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta(RecordedModel.Meta):
        ordering = ["file", "number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="disposition_number_once")]
        triggers = [*recorded(), pgtrigger.ReadOnly(name="disposition_stays", exclude=["version"])]

    def __str__(self) -> str:
        return f"{self.file.batch.number} disposition {self.number}"

    @property
    def site(self) -> Site:
        return self.file.site

    @property
    def pending(self) -> list[dict[str, Any]]:
        """The tests that were still open when this was decided."""
        pending: list[dict[str, Any]] = self.content["pending"]
        return pending

    def manifest(self) -> dict[str, Any]:
        return {"decision": self.decision, **self.content}


class Notice(RecordedModel):
    """Somebody must be told, by a time: the physician, the quality unit, the sponsor, an authority (R-170, R-172)."""

    class Recipient(models.TextChoices):
        PHYSICIAN = "physician", "Treating physician"
        QUALITY = "quality", "Quality unit"
        SPONSOR = "sponsor", "Sponsor or marketing-authorisation holder"
        AUTHORITY = "authority", "Supervisory authority"

    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="notices")
    recipient = models.CharField(max_length=12, choices=Recipient.choices)
    subject = models.TextField()
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)
    how = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=NoticeState.choices, default=NoticeState.OPEN)

    class Meta(RecordedModel.Meta):
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(status=NoticeState.OPEN), name="notice_open")]
        constraints = [models.CheckConstraint(condition=Q(status__in=NoticeState.values), name="notice_status_known")]

    def __str__(self) -> str:
        return f"{self.get_recipient_display()}: {self.subject}"

    @property
    def site(self) -> Site:
        return self.file.site

    def manifest(self) -> dict[str, Any]:
        return {
            "batch": self.file.batch.number,
            "recipient": self.recipient,
            "subject": self.subject,
            "due_at": self.due_at,
        }
