"""The batch most tests start from."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from pytest_django import DjangoDbBlocker

from batches.models import Batch
from mes.accounts.models import Site
from tests.database import taken_back
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[UUID]:
    """A site where a batch of the short process runs: made once for a module, left as it was by each of its tests."""
    with taken_back(django_db_blocker):
        yield given.running_batch(_site()).pk


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[UUID]:
    """A site where a batch of the short process ran to its end: for modules that only read its record."""
    with taken_back(django_db_blocker):
        yield given.completed_batch(_site()).pk


@pytest.fixture
def complete(made: UUID, db: None) -> Batch:
    """A batch of the short process with every step done."""
    return given.fresh(Batch(pk=made))


@pytest.fixture
def batch(floor: UUID, db: None) -> Batch:
    """A running batch of the short process."""
    return given.fresh(Batch(pk=floor))


@pytest.fixture
def site(db: None) -> Site:
    return _site()


def _site() -> Site:
    """The site of the module's batches, where it has some; else a new one."""
    return Site.objects.first() or people.a_site()
