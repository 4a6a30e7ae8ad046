"""Inside a test's own transaction nothing can be sealed; where sealing itself is not the point, it counts as done."""

from collections.abc import Iterator

import pytest

from tests.database import BeginWith
from tests.given import people
from tests.given import qc_release as given


@pytest.fixture(scope="module", autouse=True)
def people_at_work(town: None) -> None:
    """GRAZ and everybody who works there."""


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)


@pytest.fixture(scope="module")
def stock(people_at_work: None, begin_with: BeginWith) -> Iterator[None]:
    """A site with a batch that was made and not tested yet, for each test of a module to begin with."""
    with begin_with("stock", lambda: given.made_batch(people.a_site())):
        yield
