"""The recipes Baton ships run from the first step to the last, with waiting left out."""

import re

import pytest

from batches import queries
from batches.models import Step
from batches.states import State
from mes.accounts.models import Site
from recipes.library import source_of
from tests.given import batches as given
from tests.given import recipes as recipes_given


def without_waiting(code: str) -> str:
    source = re.sub(r"hold: \{minutes: [0-9.]+", "hold: {minutes: 0.0001", source_of(code))
    return re.sub(r"at_least_minutes: [0-9.]+, ", "", source)


@pytest.mark.parametrize("code", ["CART-A", "CART-B"])
def test_a_library_recipe_runs_to_its_end(site: Site, code: str) -> None:
    version = recipes_given.approved(recipes_given.draft(site, source=without_waiting(code)))
    batch = given.completed_batch(site, recipe=given.trained(version))
    assert batch.status == State.COMPLETE
    assert not Step.objects.open().filter(batch=batch).exists()
    assert queries.reasons_signatures(batch) == []
