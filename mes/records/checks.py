"""Start-up checks: a table without its guards does not start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.triggers import StampRow, WriteHistory


def register_checks() -> None:
    register("records")(every_record_is_guarded)


def every_record_is_guarded(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """A subclass whose Meta does not inherit RecordedModel.Meta would lose its triggers: refused at start-up."""
    return [
        Error(
            f"{model._meta.label} is a record without guards.", hint="class Meta(RecordedModel.Meta)", id="records.E001"
        )
        for model in apps.get_models()
        if not _guarded(model)
    ]


def _guarded(model: type[models.Model]) -> bool:
    triggers: list[Any] = getattr(model._meta, "triggers", [])
    if issubclass(model, RecordedModel):
        return any(isinstance(each, WriteHistory) for each in triggers)
    if issubclass(model, AppendOnlyModel):
        return any(isinstance(each, StampRow) for each in triggers)
    return True
