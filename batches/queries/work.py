"""What a person can do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from batches.models import Batch, Step
from batches.queries.visible import visible_to
from batches.states import State
from mes.accounts.models import User

AT_MOST = 50


@dataclass(frozen=True)
class NextAction:
    """One step that waits for somebody: what, in which batch, and until when."""

    batch_id: UUID
    batch: str
    coi_id: str
    step_id: UUID
    key: str
    title: str
    status: str
    waits_for: str
    not_before: datetime | None
    due: datetime | None


def next_actions(user: User) -> list[NextAction]:
    """For every batch that runs: the steps in work, else the one that comes next. Two queries, however many."""
    batches = {batch.id: batch for batch in visible_to(user).under_way()[:AT_MOST]}
    waiting = Step.objects.open().filter(batch_id__in=batches).order_by("batch_id", "position")
    by_batch: dict[UUID, list[Step]] = {}
    for step in waiting:
        by_batch.setdefault(step.batch_id, []).append(step)
    found = [_action(batches[batch_id], step) for batch_id, steps in by_batch.items() for step in next_steps(steps)]
    return sorted(found, key=lambda each: (each.due is None, each.due, each.batch))


def next_steps(waiting: list[Step]) -> list[Step]:
    """Of the open steps in order: the first, its parallel neighbours, and whatever is in work."""
    if not waiting:
        return []
    first = waiting[0]
    beside = [
        each
        for each in waiting[1:]
        if each.status != State.IDLE
        or (each.group and (each.group, each.operation_id) == (first.group, first.operation_id))
    ]
    return [first, *beside]


def _action(batch: Batch, step: Step) -> NextAction:
    return NextAction(
        batch_id=batch.id,
        batch=batch.number,
        coi_id=batch.coi_id,
        step_id=step.id,
        key=step.key,
        title=step.name,
        status=step.status,
        waits_for=_waits_for(batch, step),
        not_before=step.not_before,
        due=step.late_after,
    )


def _waits_for(batch: Batch, step: Step) -> str:
    if batch.status != State.RUNNING:
        return f"batch {batch.get_status_display().lower()}"
    if step.status == State.IDLE:
        return "start"
    return "time" if step.due_at and step.says.hold else "work"
