from collections.abc import Iterator

import pytest

from mes.records.sealing import seal_now
from tests.database import BeginWith
from tests.given import people
from tests.given.world import World, a_world


@pytest.fixture(scope="module")
def whole_world(begin_with: BeginWith) -> Iterator[World]:
    def fill() -> World:
        world = a_world(people.a_site())
        seal_now()
        return world

    with begin_with("world", fill) as world:
        yield world


@pytest.fixture
def world(whole_world: World, db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """One of everything at GRAZ, sealed. Nothing more can be sealed inside a test's transaction; it counts as done."""
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)
    return whole_world
