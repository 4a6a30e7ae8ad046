"""What a supervisor looks after: every batch under way, where it is, who works on what, what is late or stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from batches.holding import Holder
from batches.models import Batch, Step
from batches.queries.holder import holders
from batches.queries.wall import places
from batches.queries.work import NextAction
from batches.states import State
from mes import clock
from mes.accounts.models import User


@dataclass(frozen=True)
class WorkLine:
    """One step in work or next in turn; `performer` is empty where nobody has started it.

    It is whoever is on the step now, with the code of the terminal; else who started it.
    """

    action: NextAction
    performer: str
    is_late: bool


@dataclass(frozen=True)
class FloorBatch:
    """`stands` where somebody must let it go on."""

    id: UUID
    number: str
    coi_short: str
    status: str
    state: str
    rooms: list[str]
    lines: list[WorkLine]

    @property
    def stands(self) -> bool:
        return self.status in {State.HELD, State.HOLDING, State.PAUSED, State.PAUSING}

    @property
    def is_late(self) -> bool:
        return any(line.is_late for line in self.lines)


def floor_of(user: User) -> list[FloorBatch]:
    """What stands still first, then what is late, then the rest by its number; as many queries for many as for one."""
    actions: dict[UUID, dict[UUID, NextAction]] = defaultdict(dict)
    rooms: dict[UUID, list[str]] = defaultdict(list)
    for place in places(user):
        for action in place.actions:
            actions[action.batch_id][action.step_id] = action
            if place.room:
                rooms[action.batch_id].append(place.room.code)
    status = dict(Batch.objects.filter(id__in=actions).values_list("id", "status"))
    people = _performers([step_id for steps in actions.values() for step_id in steps])
    found = [
        _batch(list(steps.values()), State(status[batch_id]), rooms[batch_id], people)
        for batch_id, steps in actions.items()
    ]
    return sorted(found, key=lambda each: (not each.stands, not each.is_late, each.number))


def _performers(steps: Collection[UUID]) -> dict[UUID, str]:
    started = Step.objects.filter(id__in=steps, performer__isnull=False)
    now = {step_id: _at_terminal(holder) for step_id, holder in holders(steps).items()}
    return dict(started.values_list("id", "performer__printed_name")) | now


def _at_terminal(holder: Holder) -> str:
    return f"{holder.person} at {holder.place.tablet}" if holder.place.tablet else holder.person


def _batch(actions: list[NextAction], status: State, rooms: list[str], people: dict[UUID, str]) -> FloorBatch:
    first = actions[0]
    now = clock.now(first.site)
    return FloorBatch(
        id=first.batch_id,
        number=first.batch,
        coi_short=first.coi_short,
        status=status,
        state=status.label,
        rooms=rooms,
        lines=[
            WorkLine(action, people.get(action.step_id, ""), action.due is not None and action.due < now)
            for action in actions
        ],
    )
