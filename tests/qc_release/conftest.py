"""Inside a test's own transaction nothing can be sealed; where sealing itself is not the point, it counts as done."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from mes.accounts.models import Site
from tests.database import taken_back
from tests.given import people
from tests.given import qc_release as given


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)


@pytest.fixture(scope="module")
def stock(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A site with a batch that was made and not tested yet, for each test of a module to begin with."""
    with taken_back(django_db_blocker):
        given.made_batch(people.a_site())
        yield


@pytest.fixture
def site(db: None) -> Site:
    """The site of the stock, where the module has one; else a new one."""
    return Site.objects.first() or people.a_site()
