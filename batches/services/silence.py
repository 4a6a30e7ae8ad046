"""A unit of which nothing is heard holds the batch in it, where the recipe says so (architecture, section 6)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from batches.models import Batch, ExceptionKind, Step, UnitBinding
from batches.services.commands import hold_by_rule
from batches.services.exceptions import raise_exception
from batches.services.locks import free_batch
from batches.states import State
from equipment.alarms.models import AlarmKind
from mes.accounts.models import User
from mes.records.services import act


def hold_where_silent(*, actor: User) -> None:
    """One exception and one HOLD for each silence. Whoever restarts meanwhile is not held again by the same one."""
    for batch_id, alias, unit, alarm_id in _silent():
        with transaction.atomic():
            batch = free_batch(batch_id)
            step = _held_by(batch, alias) if batch else None
            if batch and step and not _is_known(batch, alarm_id):
                _hold(actor, batch, step, unit, alarm_id)


def _silent() -> list[tuple[UUID, str, str, UUID]]:
    """Batches that run, the silent unit by its name in the recipe and by its code, and the alarm; by one query."""
    found = UnitBinding.objects.filter(
        until=None,
        batch__status=State.RUNNING,
        unit__alarms__kind=AlarmKind.LOST_DATA,
        unit__alarms__cleared_at=None,
    )
    return list(found.values_list("batch_id", "alias", "unit__code", "unit__alarms__id"))


def _held_by(batch: Batch, alias: str) -> Step | None:
    """The step at work at the unit whose recipe says so."""
    running = batch.steps.filter(status=State.RUNNING, spec__equipment=alias, spec__hold_when_silent=True)
    return running.select_related("operation__unit_procedure").first()


def _is_known(batch: Batch, alarm_id: UUID) -> bool:
    return batch.exceptions.filter(kind=ExceptionKind.SILENT, data__alarm=str(alarm_id)).exists()


def _hold(actor: User, batch: Batch, step: Step, unit: str, alarm_id: UUID) -> None:
    with act(actor, "batches.report_silence", site=batch.site, subject=step, batch=batch.id) as event:
        text = f"{step}: nothing is heard of {unit}."
        raise_exception(
            event=event,
            batch=batch,
            step=step,
            kind=ExceptionKind.SILENT,
            severity=step.says.severity,
            blocks=step.says.blocks,
            text=text,
            data={"alarm": str(alarm_id)},
        )
        hold_by_rule(batch, reason=text)
