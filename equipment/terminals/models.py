"""Terminals: the devices that work is recorded at."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mes.accounts.models import Site
from mes.records.models import RecordedModel


class Terminal(RecordedModel):
    """A device people or programs record at (R-058), of one room or, without one, of every room of its site.

    It is known by a key that only the device has; kept here is the SHA-256 of it. The key is long and random, so that
    nothing slower is needed.
    """

    class Kind(models.TextChoices):
        TABLET = "tablet", "Tablet"
        BENCH = "bench", "Bench computer"
        INTERFACE = "interface", "Interface"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("equipment.Room", on_delete=models.PROTECT, related_name="terminals", null=True)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TABLET)
    key_digest = models.CharField(max_length=64, unique=True)
    retired_at = models.DateTimeField(null=True)

    class Meta(RecordedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="terminal_code_once_per_site"),
            models.CheckConstraint(condition=Q(kind__in=["tablet", "bench", "interface"]), name="terminal_kind_known"),
            models.CheckConstraint(condition=~Q(code=""), name="terminal_has_a_code"),
        ]

    def __str__(self) -> str:
        return self.code
