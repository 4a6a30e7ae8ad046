"""The plan of the demonstration site: two suites, how both products are planned, and what a week looks like."""

from __future__ import annotations

from datetime import timedelta

from chain_of_identity.models import Order
from mes import clock
from mes.demonstration import Stage
from scheduling import services
from scheduling.models import Slot
from scheduling.queries import suite_of, waiting_orders

SUITES = (("SUITE-1", "Suite 1, closed systems", 3), ("SUITE-2", "Suite 2, modular line", 2))
# product, recipe, hours in the suite, hours from collection to start, hours from vein to vein
THERAPIES = (("CART-A", "CART-A", 12 * 24, 48, 30 * 24), ("CART-B", "CART-B", 10 * 24, 270 * 24, 300 * 24))
# The orders in the order they were placed: suite, days from now to the start, is it confirmed? The last one waits.
PLACES = (
    ("SUITE-1", 0.05, True),
    ("SUITE-1", 0.05, True),
    ("SUITE-2", 14, False),
    ("SUITE-2", 1, True),
    ("SUITE-2", 1.5, True),
)
WHY_MOVED = "The suite is fumigated on that day."


def load(stage: Stage) -> None:
    ines = stage.people["ines"]
    for code, name, capacity in SUITES:
        services.add_suite(actor=ines, site=stage.site, code=code, name=name, capacity=capacity)
    for product, recipe, hours, to_start, vein_to_vein in THERAPIES:
        services.plan_therapy(
            actor=ines,
            site=stage.site,
            product_code=product,
            recipe_code=recipe,
            suite_hours=hours,
            collection_to_start_hours=to_start,
            vein_to_vein_hours=vein_to_vein,
        )
    _plan(stage, list(waiting_orders([stage.site.pk])))


def _plan(stage: Stage, orders: list[Order]) -> None:
    """What is confirmed has its batch number; the hold was moved by a day, and the clinic told."""
    for order, (suite, days, confirmed) in zip(orders, PLACES, strict=False):
        slot = _hold(stage, order, suite, days)
        if confirmed:
            services.confirm_slot(actor=stage.people["ines"], slot=slot)
        else:
            later = slot.window.lower + timedelta(days=1)
            services.move_slot(actor=stage.people["ines"], slot=slot, suite=slot.suite, start=later, reason=WHY_MOVED)


def _hold(stage: Stage, order: Order, suite: str, days: float) -> Slot:
    return services.hold_slot(
        actor=stage.people["ines"],
        order=order,
        suite=suite_of(stage.site, suite),
        start=clock.now(stage.site) + timedelta(days=days),
    )
