"""Reads: what is planned, where there is room, and why something cannot be planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from batches.models import Batch
from batches.states import FINAL
from chain_of_identity.models import Collection, Order
from chain_of_identity.states import OrderStatus
from equipment.models import Unit
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import reasons_not_qualified
from mes.errors import NotFound, Reason
from scheduling.limits import Limits, reasons_out_of_limits
from scheduling.models import LotReservation, Notice, Slot, Suite, Therapy, UnitBooking
from scheduling.openings import Interval, first_free_lane, gaps
from scheduling.states import TAKING_A_PLACE, SlotStatus

ALTERNATIVES = 3
SEARCH_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Opening:
    """Room in a suite: a slot may start at `start`; the place is free until `free_until`."""

    suite: Suite
    start: datetime
    free_until: datetime


def suites_visible_to(user: User) -> QuerySet[Suite]:
    return Suite.objects.filter(site_id__in=user.sites_for("scheduling.view")).select_related("site")


def slots_visible_to(user: User) -> QuerySet[Slot]:
    slots = Slot.objects.filter(site_id__in=user.sites_for("scheduling.view"))
    return slots.select_related("site", "suite", "order", "batch")


def sites_planned_by(user: User) -> QuerySet[Site]:
    """The sites whose slots this person sees."""
    return Site.objects.filter(id__in=user.sites_for("scheduling.view")).order_by("code")


def slots_between(user: User, site: Site, period: Interval) -> QuerySet[Slot]:
    """Slots that take a place, with their making or their collection in a period."""
    within = as_range(period)
    slots = slots_visible_to(user).filter(site=site, status__in=TAKING_A_PLACE)
    return slots.filter(Q(window__overlap=within) | Q(collection__overlap=within))


def notices_visible_to(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(slot__site_id__in=user.sites_for("scheduling.view")).select_related(
        "slot__order", "slot__site"
    )


def therapies_visible_to(user: User) -> QuerySet[Therapy]:
    sites = user.sites_for("scheduling.view")
    return Therapy.objects.filter(site_id__in=sites).select_related("site")


def site_to_plan(user: User, code: str) -> Site:
    """The site of this code where the person plans; a foreign one is not there for them."""
    site = Site.objects.filter(code=code, id__in=user.sites_for("scheduling.plan")).first()
    if site is None:
        raise NotFound(f"You plan at no site {code}.", site=code)
    return site


def narrowed(slots: QuerySet[Slot], wanted: Mapping[str, Any]) -> QuerySet[Slot]:
    """The slots somebody asked for; the page and the API ask alike."""
    ways = {
        "site": "site__code",
        "suite": "suite__code",
        "status": "status",
        "order_id": "order_id",
        "start": "window__endswith__gt",
        "end": "window__startswith__lt",
    }
    return slots.filter(**{ways[name]: value for name, value in wanted.items() if name in ways})


def suite_of(site: Site, code: str) -> Suite:
    found = Suite.objects.select_related("site").filter(site=site, code=code).first()
    if found is None:
        raise NotFound(f"{site.code} has no suite {code}.", suite=code)
    return found


def therapy_of(order: Order) -> Therapy:
    """How the order's site plans its product, or NotFound: a product without limits is not planned at all."""
    found = Therapy.objects.filter(site=order.site, product_code=order.product_code).first()
    if found is None:
        raise NotFound(
            f"{order.site.code} has no planning limits for {order.product_code}.",
            product=order.product_code,
        )
    return found


def limits_of(therapy: Therapy) -> Limits:
    return Limits(
        suite=timedelta(hours=therapy.suite_hours),
        collection_to_start=timedelta(hours=therapy.collection_to_start_hours),
        vein_to_vein=timedelta(hours=therapy.vein_to_vein_hours),
    )


def overdue_holds(site: Site, suite: Suite | None = None) -> QuerySet[Slot]:
    """Holds whose time is over by the site's clock."""
    slots = Slot.objects.filter(site=site, status=SlotStatus.HELD, hold_until__lte=clock.now(site))
    return slots.filter(suite=suite) if suite else slots


def waiting_orders(site_ids: Iterable[object]) -> QuerySet[Order]:
    """Active orders for which no place is taken, the longest waiting first."""
    placed = Slot.objects.taking_a_place().filter(order=OuterRef("pk"))
    orders = Order.objects.filter(site_id__in=list(site_ids), status=OrderStatus.ACTIVE)
    return orders.filter(~Exists(placed)).select_related("site").order_by("id")


def live_slot_of(order: Order) -> Slot | None:
    """The slot by which this order is planned or made. A batch that came to an end makes room for a repeat."""
    slots = Slot.objects.taking_a_place().filter(order=order).select_related("suite", "batch")
    return next((slot for slot in slots if slot.batch is None or slot.batch.status not in FINAL), None)


def collection_of(order: Order) -> Interval | None:
    """When the cells were taken, if they were: the end counts, since validity runs from there."""
    taken = Collection.objects.filter(order=order).order_by("ended_at").last()
    return Interval(taken.ended_at, taken.ended_at) if taken else None


def reasons_not_plannable(order: Order, window: Interval, collection: Interval) -> list[Reason]:
    """Why this order cannot be made in this window: its state, the clock, and the limits of its product."""
    reasons = reasons_out_of_limits(limits_of(therapy_of(order)), window, collection)
    if order.status != OrderStatus.ACTIVE:
        reasons.append(Reason("order_not_active", f"Order {order.short} is {order.get_status_display().lower()}."))
    if window.start < clock.now(order.site):
        reasons.append(Reason("in_the_past", "The slot would start in the past."))
    return reasons


def busy_lanes(suite: Suite, within: Interval, *, leaving_out: Slot | None = None) -> list[list[Interval]]:
    """For each lane of the suite, what is taken there in a period."""
    slots = suite.slots.taking_a_place().filter(window__overlap=as_range(within))
    lanes: list[list[Interval]] = [[] for _ in range(suite.capacity)]
    for slot in slots.exclude(pk=leaving_out.pk) if leaving_out else slots:
        lanes[slot.lane - 1].append(slot.interval)
    return lanes


def free_lane(suite: Suite, window: Interval, *, leaving_out: Slot | None = None) -> int | None:
    return first_free_lane(busy_lanes(suite, window, leaving_out=leaving_out), window)


def openings(
    suites: Iterable[Suite], within: Interval, length: timedelta, *, leaving_out: Slot | None = None
) -> list[Opening]:
    """Where a slot of this length fits, earliest first: one opening for each free stretch of each suite."""
    found: dict[tuple[str, datetime], Opening] = {}
    for suite in suites:
        for lane in busy_lanes(suite, within, leaving_out=leaving_out):
            for gap in gaps(lane, within, length):
                known = found.get((suite.code, gap.start))
                if known is None or known.free_until < gap.end:
                    found[suite.code, gap.start] = Opening(suite, gap.start, gap.end)
    return sorted(found.values(), key=lambda each: (each.start, each.suite.code))


def search_openings(
    suites: Iterable[Suite], length: timedelta, start: datetime | None, end: datetime | None
) -> list[Opening]:
    """Openings over several sites, each from its own now; nothing is offered in the past."""
    found: list[Opening] = []
    for suite in suites:
        now = clock.now(suite.site)
        opens = max(start or now, now)
        within = Interval(opens, end or opens + SEARCH_AHEAD)
        found += openings([suite], within, length) if within.start < within.end else []
    return sorted(found, key=lambda each: (each.start, each.suite.code))


def alternatives(site: Site, wanted: Interval, *, leaving_out: Slot | None = None) -> list[Opening]:
    """The openings nearest after the wanted start, for a refusal to offer."""
    ahead = Interval(wanted.start, wanted.end + SEARCH_AHEAD)
    suites = Suite.objects.filter(site=site)
    return openings(suites, ahead, wanted.length(), leaving_out=leaving_out)[:ALTERNATIVES]


def reasons_unit_taken(unit: Unit, window: Interval, *, leaving_out: Slot | None = None) -> list[Reason]:
    bookings = UnitBooking.objects.filter(unit=unit, active=True, window__overlap=as_range(window))
    if leaving_out:
        bookings = bookings.exclude(slot=leaving_out)
    return [
        Reason("unit_taken", f"{unit.code} is bound to {each.slot} at that time.", unit.code)
        for each in bookings.select_related("slot__suite", "slot__order")
    ]


def warnings_of(slot: Slot, window: Interval | None = None) -> list[Reason]:
    """What will block the start or the run if nobody sees to it in time."""
    window = window or slot.interval
    return [
        *_units_falling_due(slot, window),
        *_untrained_operators(slot, window),
        *_lots_running_out(slot, window),
    ]


@dataclass(frozen=True)
class Move:
    """What a move would do, before anything is written."""

    slot: Slot
    suite: Suite
    window: Interval
    collection: Interval
    lane: int | None
    blockers: list[Reason]
    warnings: list[Reason]
    alternatives: list[Opening]

    @property
    def possible(self) -> bool:
        return not self.blockers


def preview_move(slot: Slot, *, suite: Suite, start: datetime) -> Move:
    """The move with its hard and soft conflicts. The dry run shows it; the move itself refuses by it."""
    window = Interval(start, start + slot.interval.length())
    collection = _collection_after_move(slot, start)
    lane = free_lane(suite, window, leaving_out=slot)
    blockers = [
        *_reasons_started(slot),
        *reasons_not_plannable(slot.order, window, collection),
        *_reasons_full(suite, lane),
        *(
            reason
            for booking in slot.unit_bookings.filter(active=True).select_related("unit")
            for reason in reasons_unit_taken(booking.unit, window, leaving_out=slot)
        ),
    ]
    offered = alternatives(slot.site, window, leaving_out=slot) if blockers else []
    return Move(slot, suite, window, collection, lane, blockers, warnings_of(slot, window), offered)


def as_range(interval: Interval) -> DateTimeTZRange:
    return DateTimeTZRange(interval.start, interval.end)


def planned_collection(therapy: Therapy, start: datetime, now: datetime) -> Interval:
    """The apheresis window that belongs to a start: not earlier than the material stays valid."""
    earliest = start - timedelta(hours=therapy.collection_to_start_hours)
    return Interval(min(max(earliest, now), start), start)


def _collection_after_move(slot: Slot, start: datetime) -> Interval:
    taken = collection_of(slot.order)
    return taken or planned_collection(therapy_of(slot.order), start, clock.now(slot.site))


def _reasons_started(slot: Slot) -> list[Reason]:
    batch: Batch | None = slot.batch
    if not slot.takes_a_place:
        return [Reason("slot_gone", f"The slot is {slot.get_status_display().lower()}.")]
    if batch is not None and batch.issued_at is not None:
        return [Reason("batch_issued", f"Batch {batch.number} has been issued.", batch.number)]
    return []


def _reasons_full(suite: Suite, lane: int | None) -> list[Reason]:
    if lane is not None:
        return []
    places = "place is" if suite.capacity == 1 else f"{suite.capacity} places are"
    return [Reason("suite_full", f"The {places} taken in {suite.code} at that time.", suite.code)]


def _units_falling_due(slot: Slot, window: Interval) -> list[Reason]:
    found = []
    for booking in slot.unit_bookings.filter(active=True).select_related("unit"):
        unit = booking.unit
        if unit.calibration_due is None or unit.calibration_due < window.end:
            message = f"Calibration of {unit.code} falls due before the slot ends."
            found.append(Reason("calibration_due", message, unit.code))
    return found


def _untrained_operators(slot: Slot, window: Interval) -> list[Reason]:
    if slot.batch is None:
        return []
    recipe = slot.batch.recipe_version
    return [
        reason
        for booking in slot.operator_bookings.filter(active=True).select_related("person")
        for reason in reasons_not_qualified(booking.person, f"recipe:{recipe.recipe.code}", recipe.number, window.end)
    ]


def _lots_running_out(slot: Slot, window: Interval) -> list[Reason]:
    reserved: QuerySet[LotReservation] = slot.lot_reservations.filter(active=True)
    return [
        Reason("lot_expires", f"Lot {each.lot} expires before the slot ends.", str(each.lot))
        for each in reserved.select_related("lot__material")
        if each.lot.expires_at < window.end
    ]
