"""What a person can do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from batches.judgement import Window, window_after
from batches.models import Batch, Step
from batches.queries.visible import visible_to
from batches.states import State
from chain_of_identity.identifiers import short_form
from mes.accounts.models import Site, User
from mes.phrases import Phrase

AT_MOST = 50
# All of a step that is shown or decides whether it is: a list of fifty need not carry the rest.
SHOWN = (
    *("batch_id", "operation_id", "position", "group", "key", "name", "kind", "status"),
    *("not_before", "late_after", "due_at"),
)
HOLD = "timed_hold"  # the only kind of step that a recipe gives a hold


@dataclass(frozen=True)
class NextAction:
    """One step that waits for somebody: what, in which batch, and until when; `ends` is when a hold ends by itself."""

    batch_id: UUID
    site: Site
    batch: str
    coi_id: str
    step_id: UUID
    key: str
    title: str
    status: str
    waits_for: str
    not_before: datetime | None
    due: datetime | None
    ends: datetime | None

    @property
    def coi_short(self) -> str:
        return short_form(self.coi_id)


def next_actions(user: User, *, batch_id: UUID | None = None) -> list[NextAction]:
    """For every batch that runs, or for one: the steps in work, else the one that comes next, the soonest due first.

    Two queries, and a third where a step waits for its window.
    """
    running = visible_to(user).under_way()
    if batch_id is not None:
        running = running.filter(pk=batch_id)
    shown = (
        running.select_related(None).select_related("site").only("id", "number", "coi_id", "status", "site")[:AT_MOST]
    )
    batches = {batch.id: batch for batch in shown}
    by_batch: dict[UUID, list[Step]] = {}
    for step in _candidates(list(batches)):
        by_batch.setdefault(step.batch_id, []).append(step)
    shown_steps = [step for steps in by_batch.values() for step in next_steps(steps)]
    windows = _windows(shown_steps)
    found = [_action(batches[step.batch_id], step, windows.get(step.pk, Window())) for step in shown_steps]
    return sorted(found, key=lambda each: (each.due is None, each.due, each.batch))


def _candidates(batch_ids: list[UUID]) -> QuerySet[Step]:
    """Of each batch the first open step, what is in work and what may stand beside either; not their recipes."""
    waiting = Step.objects.open().filter(batch_id__in=batch_ids)
    first = waiting.order_by("batch_id", "position").distinct("batch_id").values("pk")
    found = waiting.filter(Q(pk__in=first) | ~Q(status=State.IDLE) | ~Q(group=""))
    return found.annotate(window=F("spec__window")).only(*SHOWN).order_by("batch_id", "position")


def _windows(steps: list[Step]) -> dict[UUID, Window]:
    """When those that wait to be started may be, where that counts from the end of an earlier one."""
    rules = {step.pk: (step.batch_id, rule) for step in steps if step.status == State.IDLE and (rule := _rule(step))}
    before = Step.objects.filter(batch__in={batch for batch, _ in rules.values()}, ended_at__isnull=False)
    keys = {rule["after"] for _, rule in rules.values()}
    ends = {(batch, key): at for batch, key, at in before.filter(key__in=keys).values_list("batch", "key", "ended_at")}
    return {
        pk: window_after(at, _minutes(rule, "at_least_minutes"), _minutes(rule, "at_most_minutes"))
        for pk, (batch, rule) in rules.items()
        if (at := ends.get((batch, rule["after"]))) is not None
    }


def _rule(step: Step) -> dict[str, Any] | None:
    """The window of the recipe, read along without the rest of it."""
    rule: dict[str, Any] | None = getattr(step, "window", None)
    return rule


def _minutes(rule: dict[str, Any], name: str) -> Decimal | None:
    return None if rule.get(name) is None else Decimal(str(rule[name]))


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


def _action(batch: Batch, step: Step, window: Window) -> NextAction:
    return NextAction(
        batch_id=batch.id,
        site=batch.site,
        batch=batch.number,
        coi_id=batch.coi_id,
        step_id=step.id,
        key=step.key,
        title=step.name,
        status=step.status,
        waits_for=_waits_for(batch, step),
        not_before=step.not_before or window.opens,
        due=step.late_after or window.closes,
        ends=step.due_at if step.kind == HOLD else None,
    )


def _waits_for(batch: Batch, step: Step) -> str:
    if batch.status != State.RUNNING:
        return Phrase("batch {status}", status=Phrase(batch.get_status_display().lower()))
    if step.status == State.IDLE:
        return Phrase("start")
    return Phrase("time") if step.due_at and step.kind == HOLD else Phrase("work")
