"""Suites and slots as a planner makes them."""

from datetime import datetime, timedelta
from typing import Any

from chain_of_identity.models import Order
from mes import clock
from mes.accounts.models import Site
from scheduling import services
from scheduling.models import Slot, Suite, Therapy
from tests.given import chain_of_identity, people, recipes

DAYS = 12
VALID_HOURS = 48


def suite(site: Site, code: str = "SUITE-1", capacity: int = 1) -> Suite:
    """The site's suite of this code, added on first use."""
    found = Suite.objects.select_related("site").filter(site=site, code=code).first()
    return found or services.add_suite(
        actor=people.persona(site, "ines"), site=site, code=code, name=f"Clean room {code}", capacity=capacity
    )


def therapy(site: Site, product_code: str = "CART-A") -> Therapy:
    """Twelve days in the suite, on cells at most 48 hours old, vein to vein in 30 days."""
    found = Therapy.objects.filter(site=site, product_code=product_code).first()
    return found or services.plan_therapy(
        actor=people.persona(site, "ines"),
        site=site,
        product_code=product_code,
        recipe_code=product_code,
        suite_hours=DAYS * 24,
        collection_to_start_hours=VALID_HOURS,
        vein_to_vein_hours=30 * 24,
    )


def order(site: Site, product_code: str = "CART-A") -> Order:
    """An order of a product this site knows how to plan."""
    therapy(site, product_code)
    return chain_of_identity.order(site, product_code=product_code)


def in_days(site: Site, days: float) -> datetime:
    return clock.now(site) + timedelta(days=days)


def held_slot(of: Order, *, days: float = 5, code: str = "SUITE-1", **options: Any) -> Slot:
    """A place held for an order."""
    therapy(of.site, of.product_code)
    return services.hold_slot(
        actor=people.persona(of.site, "ines"),
        order=of,
        suite=suite(of.site, code),
        start=in_days(of.site, days),
        **options,
    )


def confirmed_slot(of: Order, *, days: float = 5, code: str = "SUITE-1", **options: Any) -> Slot:
    """A firm place with a planned batch, by the recipe in force."""
    recipes.effective_recipe(of.site, of.product_code)
    slot = held_slot(of, days=days, code=code, **options)
    return services.confirm_slot(actor=people.persona(of.site, "ines"), slot=slot)
