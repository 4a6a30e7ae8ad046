"""What waits for a person on the home page: steps to execute or verify, batches to issue, deviations to decide."""

from collections.abc import Iterator

from django.urls import reverse

from batches.due_words import due_words, is_overdue
from batches.models import SupervisorCall
from batches.queries.calls import ANSWER, calls_to_answer, calls_waiting
from batches.queries.early_end import undecided_material
from batches.queries.here import batches_of, in_room
from batches.queries.redlines import redlines_to_decide
from batches.queries.visible import deviations_visible_to
from batches.queries.work import NextAction, next_actions
from batches.states import CallState, DeviationState, State
from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task
from mes.phrases import Phrase
from mes.records import current

LONGEST = 12
_STOPPED = {State.HELD, State.PAUSED, State.STOPPED, State.ABORTED}


def panels(user: User) -> list[Panel]:
    return [*_calls(user), *_material(user), *_steps(user), *_redlines(user), *_deviations(user)]


def _calls(user: User) -> Iterator[Panel]:
    """Somebody stands at the cells and cannot go on alone."""
    if not user.may_anywhere(ANSWER):
        yield from _calls_made(user)
        return
    tasks = [
        Task(
            title=Phrase("{batch}: somebody calls from {step}", batch=each.batch.number, step=each.step.key),
            detail=Phrase("{person} · {words}", person=_caller(each), words=each.words),
            url=reverse("batches:floor"),
            action="Answer",
            rank=Rank.STOPPED,
            state="late" if each.escalated_at and each.status == CallState.OPEN else each.status,
            state_words=each.get_status_display(),
        )
        for each in calls_to_answer(user)[:LONGEST]
    ]
    yield Panel(
        "Calls for a supervisor", tasks, empty="Nobody calls.", url=reverse("batches:floor"), more="Supervisor view"
    )


def _calls_made(user: User) -> Iterator[Panel]:
    """Whoever works at the site sees what was called for and who comes."""
    if not user.may_anywhere("batches.execute"):
        return
    tasks = [
        Task(
            title=Phrase("{batch}: somebody calls from {step}", batch=each.batch.number, step=each.step.key),
            detail=Phrase("{person} · {words}", person=_caller(each), words=each.words),
            url=reverse("batches:step", args=[each.step_id]),
            action="Open step",
            rank=Rank.WAITING,
            state=each.status,
            state_words=each.get_status_display(),
        )
        for each in calls_waiting(user)[:LONGEST]
    ]
    if tasks:
        yield Panel("Open calls", tasks)


def _caller(call: SupervisorCall) -> str:
    """Why they call, in the words they chose, and who it is."""
    return " · ".join(filter(None, (call.reason, call.called_by.printed_name)))


def _material(user: User) -> Iterator[Panel]:
    """Cells whose batch has ended early wait for nobody."""
    if not user.may_anywhere("batches.dispose"):
        return
    tasks = [
        Task(
            title=Phrase("Batch {number}: what becomes of the material", number=each.number),
            detail=Phrase("{status} · {short}", status=Phrase(each.get_status_display()), short=each.order.short),
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
    """My batches, what else is in the room of this terminal, and the rest; in each the soonest due first."""
    if not (user.may_anywhere("batches.execute") or user.may_anywhere("batches.verify")):
        return
    actions = next_actions(user)
    mine = batches_of(user, {each.batch_id for each in actions})
    terminal = current.request.get().terminal()
    here = {each.step_id for each in in_room(user, terminal.room_id)} if terminal and terminal.room_id else set()
    rest = [each for each in actions if each.batch_id not in mine]
    parts = {
        Phrase("My batches"): [each for each in actions if each.batch_id in mine],
        Phrase("Batches in this room"): [each for each in rest if each.step_id in here],
        Phrase("Steps to do"): [each for each in rest if each.step_id not in here],
    }
    shown = {title: found for title, found in parts.items() if found} or {Phrase("Steps to do"): []}
    for title, found in shown.items():
        yield Panel(
            title,
            [_step(each) for each in found[:LONGEST]],
            empty="No open step for you. Scan a batch or a room.",
            url=reverse("batches:list"),
            more="All batches" if title == list(shown)[-1] else "",
            finds=reverse("batches:find"),
        )


def _step(action: NextAction) -> Task:
    late = is_overdue(action)
    return Task(
        title=action.title,
        detail=Phrase(
            "Batch {batch} · {material} · waits for {what}",
            batch=action.batch,
            material=action.coi_short,
            what=action.waits_for,
        ),
        due=due_words(action),
        url=reverse("batches:step", args=[action.step_id]),
        action="Open step",
        rank=_rank(action),
        state="late" if late else action.status.lower(),
        state_words=Phrase("Overdue") if late else State(action.status).label,
    )


def _rank(action: NextAction) -> Rank:
    """What is in work comes before what may start; what grows by itself leaves its person time for both."""
    if action.status in _STOPPED:
        return Rank.STOPPED
    if is_overdue(action):
        return Rank.DUE
    if action.waits_for == "time":
        return Rank.WAITING
    return Rank.DUE if action.status == State.RUNNING else Rank.READY


def _redlines(user: User) -> Iterator[Panel]:
    """An operator may stand at the bag until somebody has decided."""
    if not user.may_anywhere("batches.approve_redline"):
        return
    tasks = [
        Task(
            title=f"{each.key} {each.says.title}",
            detail=Phrase(
                "Batch {number} · {severity} · {person}",
                number=each.batch.number,
                severity=Phrase(each.get_severity_display()),
                person=each.proposed_by.printed_name,
            ),
            url=reverse("batches:redline", args=[each.id]),
            action="Open addition",
            rank=Rank.DUE if each.waits else Rank.READY,
            state=each.status,
            state_words="The batch waits for it" if each.waits else each.get_status_display(),
        )
        for each in redlines_to_decide(user)[:LONGEST]
    ]
    if tasks:
        yield Panel("Steps to add to a batch", tasks)


def _deviations(user: User) -> Iterator[Panel]:
    if not user.may_anywhere("batches.approve_deviation"):
        return
    found = deviations_visible_to(user).exclude(status=DeviationState.CLOSED).order_by("opened_at")[:LONGEST]
    tasks = [
        Task(
            title=f"{each.number} {each.title}",
            detail=Phrase(
                "Batch {number} · {severity}", number=each.batch.number, severity=Phrase(each.get_severity_display())
            ),
            url=reverse("batches:deviation", args=[each.id]),
            action="Open deviation",
            rank=Rank.READY,
            state=each.status,
            state_words=each.get_status_display(),
        )
        for each in found
    ]
    yield Panel("Deviations", tasks, empty="No open deviation.")
