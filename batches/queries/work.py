"""What a person can do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import FirstValue, RowNumber

from batches.judgement import Window as StartWindow
from batches.judgement import window_after
from batches.models import Batch, Step
from batches.queries.visible import visible_to
from batches.states import State
from chain_of_identity.identifiers import short_form
from mes.accounts.models import Site, User
from mes.phrases import Phrase

AT_MOST = 50
AT_ONCE = (
    4  # of steps that may stand beside each other, where all batches are listed: the batch's own list has them all
)
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

    Among all batches a parallel group shows its first few. Two queries, and a third where a step waits for its window.
    """
    running = visible_to(user).under_way()
    if batch_id is not None:
        running = running.filter(pk=batch_id)
    shown = (
        running.select_related(None).select_related("site").only("id", "number", "coi_id", "status", "site")[:AT_MOST]
    )
    batches = {batch.id: batch for batch in shown}
    steps = list(_next_steps(list(batches), at_once=AT_ONCE if batch_id is None else None))
    windows = _windows(steps)
    found = [_action(batches[step.batch_id], step, windows.get(step.pk, StartWindow())) for step in steps]
    return sorted(found, key=lambda each: (each.due is None, each.due, each.batch))


def _next_steps(batch_ids: list[UUID], *, at_once: int | None) -> QuerySet[Step]:
    """Of each batch the first open step, its parallel neighbours, and what is in work; not their recipes."""
    waiting = Step.objects.open().filter(batch_id__in=batch_ids)
    of_batch: dict[str, Any] = {"partition_by": "batch_id", "order_by": "position"}
    placed = waiting.annotate(
        place=Window(RowNumber(), **of_batch),
        first_group=Window(FirstValue("group"), **of_batch),
        first_operation=Window(FirstValue("operation_id"), **of_batch),
    )
    beside = ~Q(group="") & Q(group=F("first_group"), operation_id=F("first_operation"))
    if at_once is not None:
        beside &= Q(place__lte=at_once)
    found = placed.filter(Q(place=1) | ~Q(status=State.IDLE) | beside)
    return found.annotate(window=F("spec__window")).only(*SHOWN).order_by("batch_id", "position")


def _windows(steps: list[Step]) -> dict[UUID, StartWindow]:
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


def _action(batch: Batch, step: Step, window: StartWindow) -> NextAction:
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
