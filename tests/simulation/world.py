"""Where lives begin: a site with its people and an incubator, and a batch of each drawn recipe, issued."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from uuid import UUID

import time_machine

from mes.accounts.queries import system_user
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import equipment as equipment_given
from tests.given import people
from tests.given import recipes as recipes_given
from tests.simulation.plans import Plan, draw, source

FURNISHED = datetime(2026, 3, 2, 6, tzinfo=UTC)
BEGIN = datetime(2026, 3, 3, 6, tzinfo=UTC)
RECIPES = 4
LIVES_PER_WORLD = 50
UNIT = "INC-1"


def plans_of(seed: int, world: int, recipe: int) -> tuple[Plan, ...]:
    return draw(Random(f"recipe {seed} {world} {recipe}"))  # noqa: S311 - repeatable, not secret


def furnish(seed: int, world: int) -> list[UUID]:
    """The batches, one for each recipe of this world."""
    with time_machine.travel(FURNISHED, tick=True):
        site = people.a_site()
        for name in (*given.CREW, "quinn"):
            people.persona(site, name)
        for name in ("dispatcher", "gateway"):
            system_user(name)
        equipment_given.unit(site, "incubator", UNIT)
        given.lot(site, "PBS")
        return [_issued(seed, world, number) for number in range(RECIPES)]


def _issued(seed: int, world: int, number: int) -> UUID:
    site = people.a_site()
    text = source(f"SIM-{number}", plans_of(seed, world, number))
    version = given.trained(recipes_given.approved(recipes_given.draft(site, source=text)))
    batch = given.issued_batch(site, recipe=version, order=identity_given.received_order(site))
    return UUID(str(batch.pk))
