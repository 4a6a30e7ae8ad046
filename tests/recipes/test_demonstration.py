"""The demonstration site works by both library recipes."""

import pytest

from mes import clock
from mes.accounts.models import Site
from mes.demonstration import Stage
from recipes import demonstration
from recipes.library import CODES, source_of
from recipes.queries import effective_version
from tests.given import people


@pytest.mark.django_db
def test_both_library_recipes_are_in_force(site: Site) -> None:
    cast = {name: people.persona(site, name) for name in ("ravi", "rita", "quinn")}
    stage = Stage(site, cast, lambda name, meaning: people.signer(cast[name], meaning, full=True))
    demonstration.load(stage)
    for code in CODES:
        version = effective_version(site, code, clock.now(site))
        assert version is not None
        assert version.source == source_of(code)
