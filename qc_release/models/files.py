"""Runs of instrument files, and which sample each belongs to."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from equipment.files.models import InstrumentFile, InstrumentRun
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import recorded
from qc_release.models.laboratory import Sample
from qc_release.states import FileMatchState


class FileMatch(RecordedModel):
    """What became of one run of a file, or of a file in quarantine, which has none. `why` it waits for a person."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(InstrumentFile, on_delete=models.PROTECT, related_name="matches")
    run = models.OneToOneField(InstrumentRun, null=True, on_delete=models.PROTECT, related_name="match")
    sample = models.ForeignKey(Sample, null=True, on_delete=models.PROTECT, related_name="file_matches")
    why = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=FileMatchState.choices, default=FileMatchState.WAITING)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["site", "id"], condition=Q(status="waiting"), name="files_to_match")]
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(run=None), name="a_quarantined_file_waits_once"),
            models.CheckConstraint(condition=Q(status__in=FileMatchState.values), name="file_match_status_known"),
            models.CheckConstraint(
                condition=~Q(status="matched") | Q(run__isnull=False, sample__isnull=False),
                name="matched_to_a_sample",
            ),
        ]
        triggers = [*recorded(), pgtrigger.ReadOnly(name="file_match_stays", fields=["site", "file", "run"])]

    def __str__(self) -> str:
        return f"{self.file}, run {self.run.number}" if self.run else str(self.file)
