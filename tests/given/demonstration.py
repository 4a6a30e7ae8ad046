"""The demonstration site as it is the first time somebody opens it."""

from collections.abc import Iterator

import pytest

from mes import demonstration
from tests.database import BeginWith


@pytest.fixture(scope="module")
def demonstration_site(begin_with: BeginWith) -> Iterator[None]:
    """A story of some hundred acts, told once for each worker."""
    with begin_with("demonstration", demonstration.load):
        yield
