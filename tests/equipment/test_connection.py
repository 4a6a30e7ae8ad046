"""How a unit is reached is said once it stands there, and may change: the gateway follows."""

from pathlib import Path

import pytest

from equipment import services
from equipment.adapters.base import DeviceUnreachable
from equipment.adapters.file_drop import FileDrop
from equipment.adapters.simulator import SimulatorAdapter
from equipment.errors import CommandOpen
from equipment.gateway.site import SiteGateway
from equipment.models import Unit
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.records.queries import events_of
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site, "cell_counter", "CNT-1")


@pytest.fixture
def sven(site: Site) -> User:
    return people.persona(site, "sven")


@pytest.mark.req("R-109")
def test_who_connects_a_unit_is_on_record_with_what_it_was_before(unit: Unit, sven: User) -> None:
    services.connect_unit(actor=sven, unit=unit, adapter="file_drop", address="counter-1")
    event = events_of(unit).get(action="equipment.connect_unit")
    assert (event.actor_username, event.data) == (
        "sven",
        {"from": ["simulator", "plant"], "to": ["file_drop", "counter-1"]},
    )
    assert Unit.objects.get().adapter == "file_drop"


def test_a_unit_with_a_command_under_way_stays_as_it_is(unit: Unit, sven: User) -> None:
    given.requested(unit, "count")
    with pytest.raises(CommandOpen):
        services.connect_unit(actor=sven, unit=unit, adapter="", address="")
    assert Unit.objects.get().adapter == "simulator"


def test_only_adapters_that_there_are_and_only_by_who_may(site: Site, unit: Unit, sven: User) -> None:
    with pytest.raises(InvalidInput):
        services.connect_unit(actor=sven, unit=unit, adapter="telepathy")
    with pytest.raises(NotPermitted):
        services.connect_unit(actor=people.persona(site, "olga"), unit=unit, adapter="")


def test_the_gateway_opens_the_new_connection_and_closes_the_old(
    site: Site, unit: Unit, sven: User, tmp_path: Path
) -> None:
    gateway = given.gateway(site, tmp_path)
    gateway.sweep()
    assert isinstance(gateway.adapters["CNT-1"], SimulatorAdapter)
    services.connect_unit(actor=sven, unit=unit, adapter="file_drop", address="counter-1")
    look_again(gateway)
    assert isinstance(gateway.adapters["CNT-1"], FileDrop)
    kept = gateway.adapters["CNT-1"]
    look_again(gateway)
    assert gateway.adapters["CNT-1"] is kept, "what has not changed stays open"
    with pytest.raises(DeviceUnreachable):
        kept.read([])
    services.connect_unit(actor=sven, unit=unit, adapter="", address="")
    look_again(gateway)
    assert gateway.adapters == {}


def test_it_is_done_through_the_api(unit: Unit, sven: User) -> None:
    answer = people.client_of(sven).post(
        f"/api/v1/units/{unit.id}/connection", {"adapter": "modbus", "address": "cnt-1.yaml"}
    )
    assert answer.status_code == 200
    assert (answer.json()["adapter"], answer.json()["address"]) == ("modbus", "cnt-1.yaml")
    assert "modbus, cnt-1.yaml" in people.client_of(sven).get(f"/equipment/units/{unit.id}/").content.decode()


def look_again(gateway: SiteGateway) -> None:
    gateway._look_next = None
    gateway.look_at_the_plant()
