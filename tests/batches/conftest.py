"""The batches most tests start from."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

import pytest

from batches.models import Batch
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import people

FloorAt = Callable[[str], AbstractContextManager[UUID]]


@pytest.fixture(scope="module", autouse=True)
def workshop(begin_with: BeginWith) -> Iterator[None]:
    """The site GRAZ, everybody who works there, a room and the short process: all tests find them there."""
    with begin_with("workshop", given.workshop):
        yield


@pytest.fixture(scope="module")
def floor_at(begin_with: BeginWith) -> FloorAt:
    """A site where a batch of the short process runs, everything before a step done once for all tests of a module."""

    @contextmanager
    def at(key: str) -> Iterator[UUID]:
        with (
            begin_with("running", lambda: given.running_batch(people.a_site()).pk) as batch,
            begin_with(f"floor {key}", lambda: given.done_before(given.fresh(Batch(pk=batch)), key).pk),
        ):
            yield batch

    return at


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """At the first step. A module whose tests all work on a later one begins there."""
    with floor_at("S010") as batch:
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
