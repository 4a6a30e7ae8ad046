"""Numbered paper for work while the system is down, and the picture of it that came back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from batches.models.elements import Step
from batches.states import FormState
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel


class PaperForm(RecordedModel):
    """One printed form with its number: for which steps, who gave it out, and what became of it (R-104, R-105)."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="paper_forms")
    number = models.CharField(max_length=60, unique=True)
    reason = models.TextField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settlement = models.TextField(blank=True, help_text="how it was lost")
    status = models.CharField(max_length=10, choices=FormState.choices, default=FormState.ISSUED)

    class Meta(RecordedModel.Meta):
        ordering = ["issued_at", "id"]
        indexes = [models.Index(fields=["batch"], condition=Q(status=FormState.ISSUED), name="paper_form_out")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FormState.values), name="paper_form_status_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="paper_form_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(status=FormState.LOST) | ~Q(settlement=""), name="a_lost_paper_form_says_how"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def site(self) -> Site:
        return self.batch.site


class PaperFormStep(AppendOnlyModel):
    """A step that is printed on the form."""

    form = models.ForeignKey(PaperForm, on_delete=models.PROTECT, related_name="printed")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["form", "step"], name="a_step_once_on_a_paper_form")]

    def __str__(self) -> str:
        return f"{self.form} {self.step}"


class PaperFormScan(AppendOnlyModel):
    """The filled-in form as a picture or PDF, apart from its row so that no history row ever copies it."""

    form = models.OneToOneField(PaperForm, on_delete=models.PROTECT, related_name="scan")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta(AppendOnlyModel.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:16]}"
