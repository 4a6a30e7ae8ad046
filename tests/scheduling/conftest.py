import pytest

from equipment.models import Unit
from mes.accounts.models import Site
from tests.given import equipment


@pytest.fixture(scope="module", autouse=True)
def people_at_work(town: None) -> None:
    """GRAZ and everybody who works there."""


@pytest.fixture
def unit(site: Site) -> Unit:
    return equipment.unit(site, "bioreactor")
