from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from mes.accounts.models import Site
from tests.database import taken_back
from tests.given import people
from tests.given.world import World, a_world


@pytest.fixture(scope="module")
def sealed_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Nothing can be sealed inside a transaction that is taken back; here it counts as done."""
    with taken_back(django_db_blocker), pytest.MonkeyPatch.context() as patch:
        patch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)
        yield a_world(people.a_site())


@pytest.fixture
def world(sealed_world: World, db: None) -> World:
    """One of everything at GRAZ."""
    return sealed_world


@pytest.fixture
def site(db: None) -> Site:
    """The site of the world, where the module has one; else a new one."""
    return Site.objects.first() or people.a_site()
