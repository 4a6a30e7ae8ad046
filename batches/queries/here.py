"""Which batches are whose, and which are in the same room."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Q

from batches.models import Batch, Step
from batches.queries.visible import visible_to
from batches.queries.wall import Place, places
from batches.queries.work import NextAction
from chain_of_identity.queries import identify
from mes.accounts.models import User


def batches_of(user: User, among: Collection[UUID]) -> set[UUID]:
    """Those in which this person has begun a step."""
    return set(Step.objects.filter(batch__in=among, performer=user).values_list("batch_id", flat=True).distinct())


def in_room(user: User, room_id: UUID) -> list[NextAction]:
    """The work in one room."""
    return _actions(place for place in places(user) if place.room is not None and place.room.id == room_id)


def beside(user: User, batch: Batch) -> list[NextAction]:
    """The work on other batches in the rooms of this one; where nobody has said a room, what is in none either."""
    found = [place for place in places(user) if any(each.batch_id == batch.id for each in place.actions)]
    return [action for action in _actions(found) if action.batch_id != batch.id]


def _actions(found: Iterable[Place]) -> list[NextAction]:
    """Each once, the soonest due first."""
    once = {action.step_id: action for place in found for action in place.actions}
    return sorted(once.values(), key=lambda each: (each.due is None, each.due, each.batch))


def batch_behind(user: User, code: str) -> Batch | None:
    """The batch of a number or of a scanned label, among those this person sees and that are not at their end."""
    known = identify(code)
    wanted = Q(number__iexact=code)
    if known is not None:
        wanted |= Q(order=known.order)
    found = visible_to(user).under_way().filter(wanted).order_by("-planned_start")
    holding = known.container.batch_id if known and known.container else None
    return (found.filter(id=holding).first() if holding else None) or found.first()
