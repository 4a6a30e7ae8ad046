"""Who is on a step: worked out from what was done in it. Each step is on its own; to verify is no work in it.

Whoever starts a step, takes it over or is handed it has it; so has whoever first does something in a free one. They
keep it until they did nothing for ten minutes. What somebody else sends meanwhile is recorded and changes nothing: it
may have been kept on a tablet without network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

HELD_FOR = timedelta(minutes=10)
START, TAKE_OVER, HAND_OVER = "batches.start_step", "batches.take_over_step", "batches.hand_over"
CLAIMS = (START, TAKE_OVER, HAND_OVER)
WORK = (
    *CLAIMS,
    "batches.add_material",
    "batches.add_photo",
    "batches.bind_unit",
    "batches.complete_step",
    "batches.correct_entry",
    "batches.decide",
    "batches.draw_sample",
    "batches.record_entry",
    "batches.record_not_applicable",
    "batches.scan",
    "batches.send_command",
    "batches.transfer",
)


@dataclass(frozen=True)
class Place:
    """A person at a terminal; its code is empty where the device is not registered."""

    person_id: UUID
    tablet: str

    def is_elsewhere(self, other: Place) -> bool:
        """Two people at one terminal follow each other; one person is in two places only where both are known."""
        if self.tablet and other.tablet:
            return self.tablet != other.tablet
        return self.person_id != other.person_id


@dataclass(frozen=True)
class Deed:
    """Something done in a step; a hand-over is the deed of whoever takes. `at` is when, not when it arrived."""

    action: str
    place: Place
    person: str
    at: datetime


@dataclass(frozen=True)
class Holder:
    """Who is on a step, since when, and at which places others were on it before in this attempt."""

    place: Place
    person: str
    since: datetime
    seen: datetime
    by_taking_over: bool = False
    before: frozenset[Place] = frozenset()

    def has_taken_over_from(self, place: Place) -> bool:
        return self.by_taking_over and place in self.before


def holder_of(deeds: Iterable[Deed], now: datetime) -> Holder | None:
    """Whoever is on the step now, of everything done in it, in the order of its arrival."""
    holder: Holder | None = None
    for deed in deeds:
        holder = _after(deed, holder)
    return holder if holder and _is_there(holder, now) else None


def _after(deed: Deed, holder: Holder | None) -> Holder:
    if holder is None or deed.action == START:
        return Holder(deed.place, deed.person, since=deed.at, seen=deed.at)
    if deed.action not in CLAIMS and not holder.place.is_elsewhere(deed.place):
        place = deed.place if deed.place.tablet else holder.place
        return replace(holder, place=place, person=deed.person, seen=max(holder.seen, deed.at))
    if deed.action not in CLAIMS and _is_there(holder, deed.at):
        return replace(holder, before=holder.before | {deed.place})
    return Holder(
        deed.place,
        deed.person,
        since=deed.at,
        seen=deed.at,
        by_taking_over=deed.action == TAKE_OVER,
        before=holder.before | {holder.place},
    )


def _is_there(holder: Holder, at: datetime) -> bool:
    return at - holder.seen <= HELD_FOR
