"""Commissioning checks: who asked for one, and what it found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from equipment.models.places import Unit
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel


class CheckQuerySet(models.QuerySet["Check"]):
    def open(self) -> CheckQuerySet:
        return self.filter(report=None)


class Check(AppendOnlyModel):
    """A commissioning check that was asked for. The row is the work: without a report it is still to be done."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="checks")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    objects = CheckQuerySet.as_manager()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Commissioning check of {self.unit}"

    @property
    def site(self) -> Site:
        return self.unit.site


class CheckReport(AppendOnlyModel):
    """What a check found: [{"what", "expected", "found", "outcome"}], as the gateway saw it."""

    class Outcome(models.TextChoices):
        PASSED = "passed", "Passed"
        INCOMPLETE = "incomplete", "Incomplete"
        FAILED = "failed", "Failed"

    check_of = models.OneToOneField(Check, on_delete=models.PROTECT, related_name="report")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    lines = models.JSONField()
    carried_out_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["passed", "incomplete", "failed"]), name="check_outcome_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_of}: {self.get_outcome_display()}"
