"""The plan of the demonstration site: two suites, how both products are planned, and what a week looks like."""

from __future__ import annotations

from datetime import timedelta

from chain_of_identity.models import Order
from mes import clock
from mes.demonstration import Stage
from scheduling import services
from scheduling.models import Slot
from scheduling.queries import suite_of, waiting_orders

SUITES = (("SUITE-1", "Suite 1, closed systems", 2), ("SUITE-2", "Suite 2, modular line", 1))
# product, recipe, hours in the suite, hours from collection to start, hours from vein to vein
THERAPIES = (("CART-A", "CART-A", 12 * 24, 48, 30 * 24), ("CART-B", "CART-B", 10 * 24, 270 * 24, 300 * 24))


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
    """The first order is confirmed, the second held; the others wait."""
    slots = [_hold(stage, order, days) for order, days in zip(orders, (0.05, 4), strict=False)]
    for slot in slots[:1]:
        services.confirm_slot(actor=stage.people["ines"], slot=slot)


def _hold(stage: Stage, order: Order, days: float) -> Slot:
    suite = suite_of(stage.site, "SUITE-1")
    start = clock.now(stage.site) + timedelta(days=days)
    return services.hold_slot(actor=stage.people["ines"], order=order, suite=suite, start=start)
