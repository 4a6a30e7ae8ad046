import pytest

from equipment.models import Unit
from mes.accounts.models import Site
from tests.given import equipment


@pytest.fixture
def unit(site: Site) -> Unit:
    return equipment.unit(site, "bioreactor")
