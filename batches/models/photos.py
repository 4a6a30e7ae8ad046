"""Photos taken in a step, and the deviations they show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from batches.models.deviations import Deviation
from batches.models.elements import Step
from batches.models.facts import StepFact
from mes.records.files import KeptFile
from mes.records.models import AppendOnlyModel


class StepPhoto(KeptFile, StepFact):
    """A picture as it left the tablet. Taken again, it stays beside the one that `retakes` it.

    `name` is the recipe's where the recipe asked for it; `label` says in words what it shows. Without
    `hashed_by_tablet` nobody can tell whether it changed on its way here.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="photos")
    name = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=200)
    media_type = models.CharField(max_length=20)
    retakes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="retaken_by")
    hashed_by_tablet = models.BooleanField()
    device_at = models.DateTimeField(null=True)

    class Meta(StepFact.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(sha256="") & Q(content__isnull=False), name="a_photo_has_its_bytes")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_retaken(self) -> bool:
        return hasattr(self, "retaken_by")


class DeviationPhotoManager(models.Manager["DeviationPhoto"]):
    def get_queryset(self) -> models.QuerySet[DeviationPhoto]:
        """With the facts of the photo, and without its bytes."""
        return (
            super()
            .get_queryset()
            .select_related("photo__by", "photo__retaken_by")
            .defer("photo__content", "photo__retaken_by__content")
        )


class DeviationPhoto(AppendOnlyModel):
    """A photo that shows what a deviation is about."""

    deviation = models.ForeignKey(Deviation, on_delete=models.PROTECT, related_name="photos")
    photo = models.ForeignKey(StepPhoto, on_delete=models.PROTECT, related_name="deviations")

    objects = DeviationPhotoManager()

    class Meta(AppendOnlyModel.Meta):
        constraints = [models.UniqueConstraint(fields=["deviation", "photo"], name="a_photo_once_per_deviation")]

    def __str__(self) -> str:
        return f"{self.photo} · {self.deviation.number}"
