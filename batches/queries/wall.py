"""What the screen on the wall of a cleanroom shows: rooms, the batches in them, what each waits for, until when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from batches.models import UnitBinding
from batches.queries.work import NextAction, next_actions
from equipment.models import Room
from equipment.queries import rooms_visible_to
from mes.accounts.models import User


@dataclass(frozen=True)
class Place:
    """A room with what is done in it now; `room` is None for work whose room nobody has said yet."""

    room: Room | None
    actions: list[NextAction] = field(default_factory=list)


def places(user: User) -> list[Place]:
    """Every room of the sites a person sees, in order of their codes, then the work that is in none. Four queries."""
    actions = next_actions(user)
    where = _rooms_of({action.batch_id for action in actions})
    rooms = list(rooms_visible_to(user).order_by("site__code", "code"))
    for room in rooms:
        if room.batch_id is not None:
            where[room.batch_id].add(room.id)
    found = [Place(room, [action for action in actions if room.id in where[action.batch_id]]) for room in rooms]
    elsewhere = [action for action in actions if not where[action.batch_id]]
    return [*found, Place(None, elsewhere)] if elsewhere else found


def _rooms_of(batches: set[UUID]) -> dict[UUID, set[UUID]]:
    """The rooms in which units stand that a batch has."""
    where: dict[UUID, set[UUID]] = defaultdict(set)
    bound = UnitBinding.objects.filter(batch__in=batches, until=None)
    for batch_id, room_id in bound.values_list("batch_id", "unit__room_id"):
        where[batch_id].add(room_id)
    return where
