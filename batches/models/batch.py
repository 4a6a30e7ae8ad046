"""One batch of one order, with its own frozen copy of the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from batches.states import FINAL, TRANSIENT, State
from chain_of_identity.models import Order
from mes.accounts.models import Site
from mes.records.models import RecordedModel
from recipes.models import RecipeVersion

if TYPE_CHECKING:
    from batches.models.elements import UnitProcedure


class BatchQuerySet(models.QuerySet["Batch"]):
    def issued(self) -> BatchQuerySet:
        return self.filter(issued_at__isnull=False)

    def under_way(self) -> BatchQuerySet:
        """Started and not yet at an end."""
        ended = (State.IDLE, State.COMPLETE, State.STOPPED, State.ABORTED)
        return self.exclude(status__in=ended)


class Batch(RecordedModel):
    """A control recipe in execution. Planned first, issued by signature, then commanded as ISA-88 says."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="batches")
    recipe_version = models.ForeignKey(RecipeVersion, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, unique=True)
    coi_id = models.CharField(max_length=40)
    control_recipe = models.JSONField()
    sha256 = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    suite = models.CharField(max_length=40)
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, choices=State.choices, default=State.IDLE)

    objects = BatchQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-planned_start", "-id"]
        indexes = [
            models.Index(fields=["site", "-planned_start", "-id"]),
            models.Index(fields=["id"], condition=Q(status__in=TRANSIENT), name="batch_moving"),
            models.Index(fields=["id"], condition=Q(status__in=FINAL), name="batch_ended"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=State.values), name="batch_status_known"),
            models.CheckConstraint(
                condition=Q(planned_end__gt=models.F("planned_start")), name="batch_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(status=State.IDLE) | Q(issued_at__isnull=False),
                name="batch_runs_only_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(issued_at__isnull=True),
                name="batch_cancelled_only_before_issue",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def parent(self) -> None:
        """A batch is the top of its tree."""
        return None

    def children(self) -> models.QuerySet[UnitProcedure]:
        return self.unit_procedures.all()

    def manifest(self) -> dict[str, Any]:
        """What is signed at issue: this batch will be made by exactly this recipe."""
        return {
            "batch": self.number,
            "coi": self.coi_id,
            "recipe": self.recipe_version.recipe.code,
            "version": self.recipe_version.number,
            "sha256": self.sha256,
            "parameters": self.parameters,
        }
