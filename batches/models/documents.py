"""Documents made of a batch, rendered by a worker and kept byte for byte."""

from __future__ import annotations

import pgtrigger
from django.db import models

from batches.models.batch import Batch
from batches.states import DocumentState
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.triggers import WakeBeat, recorded


class BatchDocument(RecordedModel):
    """A request for the batch record as PDF; the row is the work to do."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="documents")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    rendered_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=DocumentState.choices, default=DocumentState.REQUESTED)

    class Meta(RecordedModel.Meta):
        ordering = ["requested_at", "id"]
        triggers = [
            *recorded(),
            WakeBeat(name="wake_beat", condition=pgtrigger.Condition("NEW.status = 'requested'")),
        ]

    def __str__(self) -> str:
        return f"{self.batch} record"

    @property
    def site(self) -> Site:
        return self.batch.site


class DocumentContent(AppendOnlyModel):
    """The file itself, apart from its request so that no history row ever copies it."""

    document = models.OneToOneField(BatchDocument, on_delete=models.PROTECT, related_name="file")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        pass

    def __str__(self) -> str:
        return self.sha256
