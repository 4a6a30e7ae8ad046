"""Certificates of analysis: frozen when requested, rendered by a worker, kept byte for byte."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from mes.accounts.models import Site
from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.triggers import WakeBeat, recorded
from qc_release.models.release import DispositionRecord, ReleaseFile
from qc_release.states import CertificateState


class Certificate(RecordedModel):
    """One version of a batch's certificate, made from checked results and the specification version, never typed."""

    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="certificates")
    disposition = models.OneToOneField(DispositionRecord, on_delete=models.PROTECT, related_name="certificate")
    number = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    content = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    proof = models.JSONField(null=True, blank=True)
    requested_at = models.DateTimeField()
    failure = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=CertificateState.choices, default=CertificateState.REQUESTED)

    class Meta(RecordedModel.Meta):
        ordering = ["file", "-number"]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(status=CertificateState.REQUESTED), name="certificate_to_make"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="certificate_number_once"),
            models.CheckConstraint(condition=Q(status__in=CertificateState.values), name="certificate_status_known"),
            models.CheckConstraint(
                condition=Q(number=1) | Q(supersedes__isnull=False), name="certificate_names_the_one_before"
            ),
        ]
        triggers = [
            *recorded(),
            WakeBeat(name="wake_beat", condition=pgtrigger.Condition("NEW.status = 'requested'")),
            pgtrigger.ReadOnly(
                name="certificate_stays",
                fields=["file", "disposition", "number", "supersedes", "content", "content_sha256", "requested_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"Certificate of analysis {self.file.batch.number} version {self.number}"

    @property
    def site(self) -> Site:
        return self.file.site


class CertificateFile(AppendOnlyModel):
    """The PDF itself. Apart from its certificate, so that no history row copies it, and never changed."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="pdf")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        pass

    def __str__(self) -> str:
        return self.sha256
