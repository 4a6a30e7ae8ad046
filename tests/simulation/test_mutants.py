"""Every planted fault is noticed: by the life that noticed it before, or by another one."""

import pytest

from tests.database import BeginWith, Shelf
from tests.simulation.life import Difference, Life
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import LIVES_PER_WORLD, furnish

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_fault_still_has_its_place() -> None:
    """Few are planted in every run: the others would lose theirs unseen."""
    for mutant in MUTANTS:
        with mutant.planted():
            pass


def test_it_is_noticed(mutant: Mutant, begin_with: BeginWith, shelf: Shelf) -> None:
    known = mutant.noticed
    others = [number for number in range(LIVES_PER_WORLD) if number != known.life]
    with begin_with(f"simulation {known.seed} 0", lambda: furnish(known.seed, 0)) as batches:
        for number in (known.life, *others):
            shelf.restore()
            with mutant.planted():
                try:
                    Life(known.seed, number, batches).live()
                except Difference:
                    return
    pytest.fail(f"Nobody noticed that {mutant.name}.")
