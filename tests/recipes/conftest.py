"""These tests need many people; they find them there."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def people_at_work(town: None) -> None:
    """GRAZ and everybody who works there."""
