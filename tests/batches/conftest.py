"""The batch most tests start from."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from batches.models import Batch
from mes.accounts.models import Site
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[UUID]:
    """A site where a batch of the short process runs: made once for a module, left as it was by each of its tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield given.running_batch(people.a_site()).pk
        transaction.set_rollback(True)


@pytest.fixture
def batch(floor: UUID, db: None) -> Batch:
    """A running batch of the short process."""
    return given.fresh(Batch(pk=floor))


@pytest.fixture
def site(db: None) -> Site:
    """The site of the batch, where the module has one; else a new one."""
    return Site.objects.first() or people.a_site()
