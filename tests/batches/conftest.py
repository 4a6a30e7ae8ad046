"""The batches most tests start from."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from batches.models import Batch
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(begin_with: BeginWith) -> Iterator[UUID]:
    """A site where a batch of the short process runs."""
    with begin_with("floor", lambda: given.running_batch(people.a_site()).pk) as batch:
        yield batch


@pytest.fixture(scope="module")
def made(begin_with: BeginWith) -> Iterator[UUID]:
    """A site where a batch of the short process ran to its end."""
    with begin_with("made", lambda: given.completed_batch(people.a_site()).pk) as batch:
        yield batch


@pytest.fixture
def batch(floor: UUID, db: None) -> Batch:
    """A running batch of the short process."""
    return given.fresh(Batch(pk=floor))


@pytest.fixture
def complete(made: UUID, db: None) -> Batch:
    """A batch of the short process with every step done."""
    return given.fresh(Batch(pk=made))
