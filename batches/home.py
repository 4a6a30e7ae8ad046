"""What waits for a person on the home page: steps to execute or verify, batches to issue, deviations to decide."""

from collections.abc import Iterator

from django.urls import reverse

from batches.queries.early_end import undecided_material
from batches.queries.visible import deviations_visible_to
from batches.queries.work import NextAction, next_actions
from batches.states import DeviationState, State
from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task

LONGEST = 12
_STOPPED = {State.HELD, State.PAUSED, State.STOPPED, State.ABORTED}


def panels(user: User) -> list[Panel]:
    return [*_material(user), *_steps(user), *_deviations(user)]


def _material(user: User) -> Iterator[Panel]:
    """Cells whose batch has ended early wait for nobody."""
    if not user.may_anywhere("batches.dispose"):
        return
    tasks = [
        Task(
            title=f"Batch {each.number}: what becomes of the material",
            detail=f"{each.get_status_display()} · {each.order.short}",
            url=reverse("batches:overview", args=[each.id]),
            action="Decide",
            rank=Rank.STOPPED,
            state=each.status.lower(),
            state_words=each.get_status_display(),
        )
        for each in undecided_material(user)[:LONGEST]
    ]
    if tasks:
        yield Panel("Material to decide on", tasks)


def _steps(user: User) -> Iterator[Panel]:
    if not (user.may_anywhere("batches.execute") or user.may_anywhere("batches.verify")):
        return
    tasks = [_step(action) for action in next_actions(user)[:LONGEST]]
    yield Panel(
        "Steps to do",
        tasks,
        empty="No open step for you. Scan a batch or look at the batches.",
        url=reverse("batches:list"),
        more="All batches",
    )


def _step(action: NextAction) -> Task:
    return Task(
        title=action.title,
        detail=f"Batch {action.batch} · {action.coi_id} · waits for {action.waits_for}",
        url=reverse("batches:step", args=[action.step_id]),
        action="Open step",
        rank=_rank(action),
        state=action.status.lower(),
        state_words=State(action.status).label,
    )


def _rank(action: NextAction) -> Rank:
    """What is in work comes before what may start; what grows by itself leaves its person time for both."""
    if action.status in _STOPPED:
        return Rank.STOPPED
    if action.waits_for == "time":
        return Rank.WAITING
    return Rank.DUE if action.status == State.RUNNING else Rank.READY


def _deviations(user: User) -> Iterator[Panel]:
    if not user.may_anywhere("batches.approve_deviation"):
        return
    found = deviations_visible_to(user).exclude(status=DeviationState.CLOSED).order_by("opened_at")[:LONGEST]
    tasks = [
        Task(
            title=f"{each.number} {each.title}",
            detail=f"Batch {each.batch.number} · {each.get_severity_display()}",
            url=reverse("batches:deviation", args=[each.id]),
            action="Open deviation",
            rank=Rank.READY,
            state=each.status,
            state_words=each.get_status_display(),
        )
        for each in found
    ]
    yield Panel("Deviations", tasks, empty="No open deviation.")
