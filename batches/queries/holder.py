"""Who is on a running step, at which terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from batches.holding import HAND_OVER, WORK, Deed, Holder, Place, holder_of
from batches.models import Step
from batches.states import State
from mes import clock, server_clock
from mes.accounts.models import User
from mes.phrases import Phrase
from mes.records import current
from mes.records.models import Event


def place_of(user: User) -> Place:
    """Where the person asks from."""
    return Place(user.pk, current.request.get().tablet)


def holders(step_ids: Collection[UUID]) -> dict[UUID, Holder]:
    """Whoever is on these steps now, in one query; who is on none is left out."""
    deeds: dict[UUID, list[Deed]] = defaultdict(list)
    events = Event.objects.filter(subject_id__in=step_ids, action__in=WORK).order_by("at", "id")
    for event in events.only("subject_id", "action", "actor_id", "actor_name", "tablet", "at", "data"):
        if event.subject_id is not None:
            deeds[event.subject_id].append(_deed(event))
    now = server_clock.now()
    found = {step_id: holder_of(done, now) for step_id, done in deeds.items()}
    return {step_id: holder for step_id, holder in found.items() if holder is not None}


def held_elsewhere(step: Step, user: User) -> Holder | None:
    """Somebody else on this step, or this person at another terminal."""
    holder = holders([step.pk]).get(step.pk)
    return holder if holder and holder.place.is_elsewhere(place_of(user)) else None


def holder_shown(step: Step, user: User) -> dict[str, Any] | None:
    """For the run screen: who is on the step elsewhere, in words for this person; None where nobody is."""
    holder = held_elsewhere(step, user) if step.status == State.RUNNING else None
    if holder is None:
        return None
    return {
        "person": holder.person,
        "tablet": holder.place.tablet,
        "since": clock.iso(holder.since),
        "words": _words(step, holder, place_of(user)),
    }


def _words(step: Step, holder: Holder, mine: Place) -> Phrase:
    if holder.has_taken_over_from(mine):
        time = clock.on_the_wall(step.site, clock.to_process(step.site, holder.since))
        return Phrase("{person} took over at {time}. Your entries are kept.", person=holder.person, time=time)
    if holder.place.tablet:
        return Phrase("{person} is on this step (tablet {tablet}).", person=holder.person, tablet=holder.place.tablet)
    return Phrase("{person} is on this step.", person=holder.person)


def _deed(event: Event) -> Deed:
    at = event.at - kept_for(event)
    if event.action == HAND_OVER and "taker" in event.data:
        return Deed(event.action, Place(UUID(event.data["taker"]), event.tablet), event.data["to"], at)
    return Deed(event.action, Place(event.actor_id, event.tablet), event.actor_name, at)


def kept_for(event: Event) -> timedelta:
    """How long a tablet had it before it was sent."""
    captured, sent = (event.data.get(name) for name in ("device_at", "device_sent_at"))
    if not (captured and sent):
        return timedelta(0)
    return max(datetime.fromisoformat(sent) - datetime.fromisoformat(captured), timedelta(0))
