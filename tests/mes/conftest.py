import pytest

from mes.accounts.models import Site
from tests.given.world import World, a_world


@pytest.fixture
def world(site: Site, monkeypatch: pytest.MonkeyPatch) -> World:
    """One of everything at GRAZ. Nothing can be sealed inside a test's transaction; here it counts as done."""
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)
    return a_world(site)
