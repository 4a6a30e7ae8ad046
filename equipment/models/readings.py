"""What devices measured."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from equipment.adapters.base import Quality
from mes.records.triggers import append_only


class ReadingBatch(models.Model):
    """A bundle of readings that was written, in the transaction that wrote it: replaying a spool doubles nothing."""

    id = models.UUIDField(primary_key=True, editable=False)
    written_at = models.DateTimeField(auto_now_add=True)
    count = models.PositiveIntegerField()

    class Meta:
        triggers = append_only()
        indexes = [BrinIndex(fields=["written_at"], name="reading_batch_written")]

    def __str__(self) -> str:
        return f"{self.count} readings"


class Reading(models.Model):
    """One value from a device. Partitioned by source time; written by COPY (see readings.py), never changed.

    The table is made by SQL in the migration: Django knows no partitioned tables.
    """

    pk = models.CompositePrimaryKey("unit_id", "tag", "at")
    unit_id = models.UUIDField()
    tag = models.CharField(max_length=40)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField(null=True)
    quality = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Quality])

    class Meta:
        managed = False
        db_table = "equipment_reading"

    def __str__(self) -> str:
        return f"{self.tag} {self.at}"
