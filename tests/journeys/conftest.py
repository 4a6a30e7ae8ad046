"""Each journey is played once; the tests of its module then read the record it left."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from equipment.adapters import file_drop
from mes.celery import app
from tests.journeys.house import House
from tests.journeys.played import Played, play
from tests.plant.site import Plant, a_plant
from tools.demo.scripts import CART_A, CART_B


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come first and together: no second worker takes over the tail of a module and plays it again."""
    items.sort(key=lambda item: Path(__file__).parent not in item.path.parents)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant | None]:
    """The machines, each a process behind its protocol."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "INSTRUMENT_DIR", tmp_path_factory.mktemp("instruments"))
        patch.setattr(file_drop, "QUIET", 0.0)
        with a_plant(tmp_path_factory.mktemp("broker"), settings.INSTRUMENT_DIR) as plant:
            yield plant


@pytest.fixture(scope="module")
def house(
    demonstration_site: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    plant: Plant | None,
) -> Iterator[House]:
    """The demonstration site, open for work; the database lives as long as the module."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.conf, "task_always_eager", True)
        patch.setitem(app.conf, "task_eager_propagates", True)
        app.loader.import_default_modules()
        house = House(tmp_path_factory.mktemp("gateway"), plant)
        house.open()
        yield house
        house.gateway.close()


@pytest.fixture(scope="module", params=[CART_A, CART_B], ids=lambda script: script.product)
def played(house: House, request: pytest.FixtureRequest) -> Played:
    """One patient's story, played to its end. What the tests of the module read is this one record."""
    return play(house, request.param)
