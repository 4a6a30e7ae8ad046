"""The procedural elements of ISA-88 under a batch: unit procedure, operation, step (phase)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import Q

from batches.manifest import manifest_of, performers_of_step
from batches.models.batch import Batch
from batches.recorded import Recorded
from batches.states import TRANSIENT, State
from equipment.models import Room
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import WakeBeat, recorded
from recipes.document import Step as StepSpec
from recipes.document.added import step_from

if TYPE_CHECKING:
    from uuid import UUID


class Element(RecordedModel):
    """What unit procedures, operations and steps have in common."""

    position = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    attempt = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=12, choices=State.choices, default=State.IDLE)

    class Meta(RecordedModel.Meta):
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"


class UnitProcedure(Element):
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="unit_procedures")
    equipment = models.CharField(max_length=40)

    class Meta(Element.Meta):
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="unit_procedure_once_per_batch")]

    @property
    def site(self) -> Site:
        return self.batch.site

    @property
    def parent(self) -> Batch:
        return self.batch

    def children(self) -> models.QuerySet[Operation]:
        return self.operations.all()


class Operation(Element):
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="operations")
    unit_procedure = models.ForeignKey(UnitProcedure, on_delete=models.PROTECT, related_name="operations")
    day = models.PositiveSmallIntegerField(null=True)

    class Meta(Element.Meta):
        constraints = [models.UniqueConstraint(fields=["unit_procedure", "key"], name="operation_once")]

    @property
    def site(self) -> Site:
        return self.batch.site

    @property
    def parent(self) -> UnitProcedure:
        return self.unit_procedure

    def children(self) -> models.QuerySet[Step]:
        return self.steps.all()


class StepQuerySet(models.QuerySet["Step"]):
    def open(self) -> StepQuerySet:
        """Still to be done: needed and not complete."""
        return self.filter(needed=True).exclude(status=State.COMPLETE)

    def watched(self) -> StepQuerySet:
        """Running steps that a clock or a machine will move on."""
        return self.filter(status=State.RUNNING, due_at__isnull=False)


class Step(Element):
    """A phase. `spec` is its part of the control recipe; what is recorded in it carries the attempt's number.

    `not_before` and `late_after` are when it may end; `due_at` is when a worker must look at it next.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="steps")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=30)
    group = models.CharField(max_length=40, blank=True)
    unit_class = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=1, blank=True)
    spec = models.JSONField()
    needed = models.BooleanField(default=True)
    performer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT, related_name="+")
    not_before = models.DateTimeField(null=True)
    late_after = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    objects = StepQuerySet.as_manager()
    read_ahead: Recorded | None = None

    class Meta(Element.Meta):
        constraints = [
            models.UniqueConstraint(fields=["batch", "key"], name="step_once_per_batch"),
            models.UniqueConstraint(
                fields=["batch", "position"],
                deferrable=models.Deferrable.IMMEDIATE,  # an addition moves all that follow in one statement
                name="step_order_once_per_batch",
            ),
            models.CheckConstraint(condition=Q(status__in=State.values), name="step_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False, status=State.RUNNING),
                name="step_watched",
            ),
            models.Index(fields=["batch"], condition=Q(status__in=TRANSIENT), name="step_moving"),
        ]
        triggers = [*recorded(), WakeBeat(name="wake_beat", condition=pgtrigger.Condition("NEW.due_at IS NOT NULL"))]

    @property
    def site(self) -> Site:
        return self.batch.site

    @property
    def parent(self) -> Operation:
        return self.operation

    @cached_property
    def says(self) -> StepSpec:
        """The step as the recipe, or whoever added it, wrote it, typed."""
        return step_from(self.spec)

    @property
    def is_added(self) -> bool:
        """Not of the recipe: a redline put it into this batch."""
        return "." in self.key

    def performer_ids(self) -> set[UUID]:
        """Everybody who did something in the current attempt: none of them may verify it."""
        return performers_of_step(self)

    def manifest(self) -> dict[str, Any]:
        """Exactly what the person sees and signs: the instruction and everything recorded under it."""
        return manifest_of(self)
