"""What units were told to do."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from equipment.models.places import Unit
from equipment.states import OPEN_COMMANDS, CommandStatus
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import WakeBeat, recorded


class CommandQuerySet(models.QuerySet["Command"]):
    def open(self) -> CommandQuerySet:
        return self.filter(status__in=OPEN_COMMANDS)


class Command(RecordedModel):
    """A state a unit is to be in. The row is the work: whoever dies on the way, the next gateway goes on from it.

    `setpoints` and `read_back` are {name: {"value": "37.0", "unit": "°C"}}. `look_again_at` and `give_up_at` are
    times of the server's clock, since a device answers in real seconds; the others are process times.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="commands")
    name = models.CharField(max_length=40)
    setpoints = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=CommandStatus.choices, default=CommandStatus.REQUESTED)
    batch_id = models.UUIDField(null=True, blank=True)
    step_id = models.UUIDField(null=True, blank=True)
    to_safety = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    read_back = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)
    give_up_at = models.DateTimeField(null=True)

    objects = CommandQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        triggers = [
            *recorded(),
            WakeBeat(name="wake_beat", condition=pgtrigger.Condition("NEW.status IN ('confirmed', 'failed')")),
        ]
        indexes = [
            models.Index(
                fields=["unit", "id"],
                condition=Q(status__in=OPEN_COMMANDS),
                name="open_commands",
            ),
            models.Index(fields=["step_id"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CommandStatus.values), name="command_status_known")
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.name}"

    @property
    def site(self) -> Site:
        return self.unit.site

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_COMMANDS

    def wanted(self) -> dict[str, float]:
        """The set-points as the device takes them: numbers in the units of its class page."""
        return {name: float(quantity["value"]) for name, quantity in self.setpoints.items()}
