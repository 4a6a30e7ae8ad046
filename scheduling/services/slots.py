"""A slot from hold to confirmation, and back.

Locks are taken in one order everywhere: order, suites by id, slot. Whoever holds the suite sees every slot in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from batches.services import cancel_plan, plan_batch
from chain_of_identity.models import Order
from chain_of_identity.services import plan_stop
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require, system_user
from mes.errors import Conflict, InvalidInput, Reason
from mes.outbox.kinds import Kind
from mes.outbox.services import announce
from mes.records.models import Event
from mes.records.services import act
from recipes.models import RecipeVersion
from recipes.queries import effective_version
from scheduling import queries
from scheduling.announcements import BOOKED, CANCELLED
from scheduling.errors import HoldExpired, NotPlannable, SlotTaken
from scheduling.models import Slot, Suite
from scheduling.openings import Interval
from scheduling.queries import Opening, as_range
from scheduling.states import SLOT, SlotStatus

HOLD = timedelta(hours=72)
LONGEST_HOLD = timedelta(days=14)


def hold_slot(
    *,
    actor: User,
    order: Order,
    suite: Suite,
    start: datetime,
    end: datetime | None = None,
    collection: Interval | None = None,
    hold_for: timedelta = HOLD,
) -> Slot:
    """Take a place for an order, for a while.

    SlotTaken when every lane is taken then, with the nearest openings; NotPlannable when a limit of the product is
    broken. Hold times are process time.
    """
    require(actor, "scheduling.plan", suite.site)
    _check_hold(order, suite, hold_for)
    therapy = queries.therapy_of(order)
    now = clock.now(suite.site)
    window = Interval(start, end or start + timedelta(hours=therapy.suite_hours))
    collected = queries.collection_of(order) or collection or queries.planned_collection(therapy, start, now)
    with act(actor, "scheduling.hold_slot", site=suite.site, subject=order) as event:
        order = Order.objects.select_for_update(no_key=True, of=("self",)).select_related("site").get(pk=order.pk)
        _check_plannable(order, window, collected)
        _check_no_other_slot(order)
        slot = Slot(
            site=suite.site,
            suite=suite,
            lane=_take_lane(suite, window),
            order=order,
            window=as_range(window),
            collection=as_range(collected),
            hold_until=now + hold_for,
            status=SlotStatus.HELD,
        )
        slot.save(force_insert=True)
        event.data |= _facts(slot)
    return slot


def confirm_slot(*, actor: User, slot: Slot) -> Slot:
    """Make a hold firm. The batch number is born here, from the recipe in force today."""
    with act(actor, "scheduling.confirm_slot", site=slot.site, subject=slot) as event:
        slot = locked_slot(slot)
        if slot.status == SlotStatus.HELD and slot.hold_until <= clock.now(slot.site):
            raise HoldExpired("The hold has run out. Hold the slot again.", hold_until=slot.hold_until)
        SLOT.find("confirm", slot.status)
        _check_plannable(slot.order, slot.interval, _collection(slot))
        slot.batch = plan_batch(
            actor=actor,
            order=slot.order,
            recipe_version=_recipe_in_force(slot),
            planned_start=slot.window.lower,
            planned_end=slot.window.upper,
            suite=slot.suite.code,
        )
        slot.save(update_fields=["batch"])
        SLOT.move(slot, "confirm", event=event)
        plan_stops(actor=actor, slot=slot)
        event.batch_id = slot.batch.id
        event.data |= _facts(slot) | {"batch": slot.batch.number}
        tell(BOOKED, event, slot, f"a slot is booked. Collect from {clock.show(slot.site, slot.collection.lower)}.")
    return slot


def release_slot(*, actor: User, slot: Slot, reason: str = "") -> Slot:
    """Give a place back. A confirmed slot takes its planned batch with it, and needs a reason."""
    with act(actor, "scheduling.release_slot", site=slot.site, subject=slot, reason=reason) as event:
        slot = locked_slot(slot)
        if slot.status == SlotStatus.CONFIRMED and slot.batch is not None:
            SLOT.move(slot, "cancel", event=event)
            cancel_plan(actor=actor, batch=slot.batch, reason=reason)
            tell_clinic(slot, f"The slot of {slot.order.short} was cancelled: {reason}")
        else:
            SLOT.move(slot, "release", event=event)
        _free_bindings(slot)
        if slot.status == SlotStatus.CANCELLED:
            tell(CANCELLED, event, slot, "its slot is cancelled.")
    return slot


def expire_holds(*, actor: User, site: Site, suite: Suite | None = None) -> list[Slot]:
    """Let go of the holds whose time is over. Two workers never take the same one."""
    with transaction.atomic():
        due = queries.overdue_holds(site, suite)
        due = due.select_related("site", "suite", "order")
        slots = list(due.select_for_update(skip_locked=True, of=("self",))[:100])
        for slot in slots:
            with act(actor, "scheduling.expire_hold", site=site, subject=slot) as event:
                SLOT.move(slot, "expire", event=event)
                _free_bindings(slot)
    return slots


def locked_slot(slot: Slot) -> Slot:
    slots = Slot.objects.select_related("site", "suite", "order__site", "batch")
    return slots.select_for_update(no_key=True, of=("self",)).get(pk=slot.pk)


def locked_suite(suite: Suite) -> Suite:
    suites = Suite.objects.select_related("site")
    return suites.select_for_update(no_key=True, of=("self",)).get(pk=suite.pk)


def offered(openings: list[Opening]) -> list[dict[str, str]]:
    """Openings as a refusal tells them."""
    return [
        {"suite": each.suite.code, "start": clock.iso(each.start), "free_until": clock.iso(each.free_until)}
        for each in openings
    ]


def plan_stops(*, actor: User, slot: Slot) -> None:
    """Put the plan on the journey of the patient's cells."""
    stops = (
        ("collection", slot.collection.lower),
        ("manufacturing", slot.window.lower),
        ("release", slot.window.upper),
    )
    for stop, at in stops:
        plan_stop(actor=actor, order=slot.order, stop=stop, at=at, note=slot.suite.code)


def tell_clinic(slot: Slot, text: str) -> None:
    slot.notices.create(clinic=slot.order.clinic, text=text)


def tell(kind: Kind, event: Event, slot: Slot, text: str) -> None:
    """Tell the outside, last in an act. In the line of the order: what is told of its slots keeps its order."""
    order = slot.order
    facts = {"order": order.id, "slot": slot.id, "batch": slot.batch.number if slot.batch else ""}
    announce(
        kind,
        event=event,
        site=slot.site,
        subject=order,
        text=f"Order {order.short}: {text}",
        path=f"/orders/{order.id}/",
        party=order.clinic,
        facts=facts | {"suite": slot.suite.code, "start": clock.iso(slot.window.lower)},
    )


def _take_lane(suite: Suite, window: Interval) -> int:
    """A free lane, with the suite locked until the act ends. Holds that ran out are let go first."""
    suite = locked_suite(suite)
    if queries.overdue_holds(suite.site, suite).exists():
        expire_holds(actor=system_user("dispatcher"), site=suite.site, suite=suite)
    lane = queries.free_lane(suite, window)
    if lane is None:
        raise SlotTaken(
            f"{suite.code} has no free place at that time.",
            alternatives=offered(queries.alternatives(suite.site, window)),
        )
    return lane


def _check_hold(order: Order, suite: Suite, hold_for: timedelta) -> None:
    if order.site_id != suite.site_id:
        raise InvalidInput("The order and the suite are of two sites.", field="suite")
    if not timedelta() < hold_for <= LONGEST_HOLD:
        raise InvalidInput("A slot is held for some time, for 14 days at most.", field="hold_hours")


def _check_plannable(order: Order, window: Interval, collection: Interval) -> None:
    reasons = queries.reasons_not_plannable(order, window, collection)
    if reasons:
        raise NotPlannable.by(reasons, f"Order {order.short} cannot be planned like this.")


def _recipe_in_force(slot: Slot) -> RecipeVersion:
    code = queries.therapy_of(slot.order).recipe_code
    version = effective_version(slot.site, code, clock.now(slot.site))
    if version is None:
        missing = Reason("no_effective_recipe", f"No version of {code} is in force at {slot.site}.", code)
        raise NotPlannable.by([missing], f"Order {slot.order.short} cannot be planned like this.")
    return version


def _check_no_other_slot(order: Order) -> None:
    other = queries.live_slot_of(order)
    if other is not None:
        raise Conflict(
            f"Order {order.short} already has a slot in {other.suite.code}. Move that one.", slot=str(other.pk)
        )


def _collection(slot: Slot) -> Interval:
    planned = Interval(slot.collection.lower, slot.collection.upper)
    return queries.collection_of(slot.order) or planned


def _free_bindings(slot: Slot) -> None:
    """What was bound to the slot is free for others."""
    for bindings in (slot.unit_bookings, slot.operator_bookings, slot.lot_reservations):
        bindings.filter(active=True).update(active=False)


def _facts(slot: Slot) -> dict[str, str | int]:
    return {
        "suite": slot.suite.code,
        "lane": slot.lane,
        "start": clock.iso(slot.window.lower),
        "end": clock.iso(slot.window.upper),
        "hold_until": clock.iso(slot.hold_until),
    }
