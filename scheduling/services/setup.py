"""What a site plans with: its suites, and how it plans each product."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput
from mes.records.services import act
from scheduling.models import Suite, Therapy


def add_suite(*, actor: User, site: Site, code: str, name: str, capacity: int = 1) -> Suite:
    """A suite that makes `capacity` batches at a time."""
    require(actor, "scheduling.plan", site)
    if capacity < 1:
        raise InvalidInput("A suite makes at least one batch at a time.", field="capacity")
    suite = Suite(site=site, code=code, name=name, capacity=capacity)
    with act(actor, "scheduling.add_suite", site=site, subject=suite):
        try:
            with transaction.atomic():
                suite.save(force_insert=True)
        except IntegrityError:
            raise Conflict(f"{site.code} already has a suite {code}.", suite=code) from None
    return suite


def plan_therapy(
    *,
    actor: User,
    site: Site,
    product_code: str,
    recipe_code: str,
    suite_hours: int,
    collection_to_start_hours: int,
    vein_to_vein_hours: int,
    reason: str = "",
) -> Therapy:
    """Set, or set anew, how this site plans a product. Slots already planned keep their windows."""
    require(actor, "scheduling.plan", site)
    if min(suite_hours, collection_to_start_hours, vein_to_vein_hours) < 1:
        raise InvalidInput("Every limit of a therapy is at least one hour.")
    facts = {
        "recipe_code": recipe_code,
        "suite_hours": suite_hours,
        "collection_to_start_hours": collection_to_start_hours,
        "vein_to_vein_hours": vein_to_vein_hours,
    }
    with act(actor, "scheduling.plan_therapy", site=site, reason=reason, data=facts):
        therapy, _created = Therapy.objects.update_or_create(site=site, product_code=product_code, defaults=facts)
    return therapy
