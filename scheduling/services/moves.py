"""Moving a slot: one preview decides, the dry run shows it, the move refuses by it."""

from __future__ import annotations

from datetime import datetime

from batches.services import replan_batch
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.records.models import Event
from mes.records.services import act
from scheduling import queries
from scheduling.announcements import MOVED
from scheduling.errors import CannotMove
from scheduling.models import Slot, Suite
from scheduling.queries import Move, as_range
from scheduling.services.slots import locked_slot, locked_suite, offered, plan_stops, tell, tell_clinic


def move_slot(*, actor: User, slot: Slot, suite: Suite, start: datetime, reason: str) -> Slot:
    """Take a slot, its bindings and its planned batch to another time or suite; the clinic is told (R-195).

    CannotMove names every hard conflict and the nearest openings.
    """
    require(actor, "scheduling.plan", slot.site)
    if not reason.strip():
        raise InvalidInput("Write why the slot is moved.", field="reason")
    if suite.site_id != slot.site_id:
        raise InvalidInput("A slot stays at its site.", field="suite")
    with act(actor, "scheduling.move_slot", site=slot.site, subject=slot, reason=reason) as event:
        suite = locked_suite(suite)
        slot = locked_slot(slot)
        move = queries.preview_move(slot, suite=suite, start=start)
        if move.blockers or move.lane is None:
            refusal = CannotMove.by(move.blockers, f"{slot} cannot be moved there.")
            refusal.details["alternatives"] = offered(move.alternatives)
            raise refusal
        event.batch_id = slot.batch_id
        event.data |= {"from": _place(slot), "to": {"suite": suite.code, "start": clock.iso(start)}}
        before = slot.window.lower
        _carry_out(event, slot, move, move.lane)
        tell_clinic(slot, _message(slot, before, reason))
        tell(MOVED, event, slot, f"its slot is moved. Collect from {clock.show(slot.site, slot.collection.lower)}.")
    return slot


def _carry_out(event: Event, slot: Slot, move: Move, lane: int) -> None:
    slot.suite, slot.lane = move.suite, lane
    slot.window, slot.collection = as_range(move.window), as_range(move.collection)
    slot.save(update_fields=["suite", "lane", "window", "collection"])
    slot.unit_bookings.filter(active=True).update(window=slot.window)
    if slot.batch is not None:
        replan_batch(
            actor=event.actor,
            batch=slot.batch,
            planned_start=move.window.start,
            planned_end=move.window.end,
            suite=move.suite.code,
            reason=event.reason,
        )
        plan_stops(actor=event.actor, slot=slot)


def _message(slot: Slot, before: datetime, reason: str) -> str:
    return (
        f"The slot of {slot.order.short} moved from {clock.show(slot.site, before)}"
        f" to {clock.show(slot.site, slot.window.lower)}. Collect from"
        f" {clock.show(slot.site, slot.collection.lower)}. Reason: {reason}"
    )


def _place(slot: Slot) -> dict[str, str]:
    return {"suite": slot.suite.code, "start": clock.iso(slot.window.lower)}
