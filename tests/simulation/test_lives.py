"""A few lives in every run; `make simulate` lives thousands."""

from collections.abc import Callable

import pytest

from tests.database import BeginWith
from tests.simulation.life import Life
from tests.simulation.report import PROPERTY
from tests.simulation.world import LIVES_PER_WORLD, furnish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.req("R-097", "R-098", "R-100", "R-101", "R-094")
def test_the_engine_does_what_the_model_says(
    number: int, seed: int, begin_with: BeginWith, record_property: Callable[[str, object], None]
) -> None:
    world = number // LIVES_PER_WORLD
    with begin_with(f"simulation {seed} {world}", lambda: furnish(seed, world)) as batches:
        told = Life(seed, number, batches).live()
    assert told.acts
    facts = {"counts": dict(told.counts), "refused": told.refused, "killed": told.killed, "ended": told.ended}
    record_property(PROPERTY, facts)
