"""The history tables: declared by django-simple-history, written by PostgreSQL.

simple-history's signals are off (SIMPLE_HISTORY_ENABLED = False): they miss update(), bulk_create() and raw SQL.
"""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from mes.records.triggers import append_only


class HistoryRow(models.Model):
    """What every history row knows beside the fields it copies: the event it belongs to."""

    history_event = models.ForeignKey("records.Event", on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        abstract = True


class TriggerWrittenHistory(HistoricalRecords):
    """A historical table without the indexes nobody reads, guarded against change."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            inherit=True,
            bases=[HistoryRow],
            history_id_field=models.BigAutoField(primary_key=True),
            history_user_id_field=models.UUIDField(null=True),
            **options,
        )

    def copy_fields(self, model: type[models.Model]) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        for name, field in fields.items():
            field.db_index = name == model._meta.pk.name
            field._unique = False
        return fields

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        return options | {"triggers": append_only()}
