"""What waits for a planner, and what a clinic was told."""

from __future__ import annotations

from django.urls import reverse

from mes import clock
from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task
from scheduling.models import Slot
from scheduling.queries import notices_visible_to, slots_visible_to, waiting_orders
from scheduling.states import SlotStatus

SHOWN = 5


def panels(user: User) -> list[Panel]:
    """Holds that run out and orders without a slot, for who plans; news of slots, for the clinic."""
    sites = user.sites_for("scheduling.plan")
    if sites:
        return [_holds(user), _waiting(user)]
    return [_news(user)] if user.sites_for("identity.order") else []


def _holds(user: User) -> Panel:
    held = slots_visible_to(user).filter(status=SlotStatus.HELD).order_by("hold_until")[:SHOWN]
    return Panel(
        title="Holds to confirm",
        tasks=[_hold(slot) for slot in held],
        empty="No slot is on hold.",
        url=reverse("scheduling:board"),
        more="All slots",
    )


def _hold(slot: Slot) -> Task:
    return Task(
        title=f"{slot.order.short} in {slot.suite.code}",
        url=reverse("scheduling:slot", args=[slot.pk]),
        detail=f"held until {clock.show(slot.site, slot.hold_until)}",
        action="Confirm or give back",
        rank=Rank.DUE,
        state="hold",
        state_words="Held",
    )


def _waiting(user: User) -> Panel:
    orders = waiting_orders(user.sites_for("scheduling.plan"))[:SHOWN]
    return Panel(
        title="Orders without a slot",
        tasks=[
            Task(
                title=order.short,
                url=reverse("scheduling:hold", args=[order.pk]),
                detail=f"{order.product_code}, {order.clinic}",
                action="Find a slot",
            )
            for order in orders
        ],
        empty="Every active order has a slot.",
    )


def _news(user: User) -> Panel:
    notices = notices_visible_to(user)[:SHOWN]
    return Panel(
        title="News of slots",
        tasks=[
            Task(
                title=notice.slot.order.short,
                url=reverse("scheduling:slot", args=[notice.slot_id]),
                detail=notice.text,
                rank=Rank.WAITING,
            )
            for notice in notices
        ],
        empty="No slot was moved or cancelled.",
    )
