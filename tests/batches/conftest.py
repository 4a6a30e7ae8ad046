"""The batch most tests start from."""

import pytest

from batches.models import Batch
from mes.accounts.models import Site
from tests.given import batches as given


@pytest.fixture
def batch(site: Site) -> Batch:
    """A running batch of the short process."""
    return given.running_batch(site)
