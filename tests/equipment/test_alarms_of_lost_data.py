"""A unit that falls silent raises an alarm of its own: nobody takes a gap for a good value."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from equipment import services
from equipment.adapters.simulator import SimulatorAdapter
from equipment.gateway.site import SiteGateway
from equipment.models import Alarm, Unit
from mes.accounts.models import Site, User
from tests.given import alarms as given
from tests.given import equipment as plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return plant.unit(site, "incubator", code="INC-3")


def after(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


@pytest.fixture
def gateway(site: Site, unit: Unit, tmp_path: Path) -> SiteGateway:
    return plant.gateway(site, tmp_path)


def device(gateway: SiteGateway, unit: Unit) -> SimulatorAdapter:
    adapter = gateway.adapters[unit.code]
    assert isinstance(adapter, SimulatorAdapter)
    return adapter


def test_a_silent_unit_raises_one_and_its_first_reading_clears_it(
    gateway: SiteGateway, unit: Unit, site: Site, tmp_path: Path
) -> None:
    for seconds in (10, 20):
        with after(seconds):
            gateway.sweep()
    device(gateway, unit).unplugged = True
    for seconds in (40, 100, 200):
        with after(seconds):
            gateway.sweep()
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.priority, alarm.status, alarm.value) == ("lost_data", "diag", "new", None)
    assert "by hand" in alarm.response
    device(gateway, unit).unplugged = False
    with after(230):
        gateway.sweep()
    assert given.again(alarm).status == "back"


def test_a_unit_that_never_spoke_is_silent_too(gateway: SiteGateway, unit: Unit) -> None:
    device(gateway, unit).unplugged = True
    for seconds in (10, 55, 75):
        with after(seconds):
            gateway.sweep()
    assert Alarm.objects.get().label == "No readings"


def test_a_counter_that_counts_nothing_is_lost_only_when_it_does_not_answer(gateway: SiteGateway, site: Site) -> None:
    counter = plant.unit(site, "cell_counter", code="CNT-1")
    with after(10):
        gateway.sweep()
    with after(300):
        gateway.sweep()
    assert not Alarm.objects.exists()
    device(gateway, counter).unplugged = True
    with after(400):
        gateway.sweep()
    lost = Alarm.objects.get()
    assert (lost.unit, lost.label) == (counter, "No readings")
    device(gateway, counter).unplugged = False
    with after(500):
        gateway.sweep()
    assert given.again(lost).status == "back"


def test_an_engineer_may_allow_more(gateway: SiteGateway, unit: Unit, ravi: User) -> None:
    services.define_alarm(
        actor=ravi,
        unit=unit,
        kind="lost_data",
        delay_seconds=600,
        priority="p2",
        consequence="Nobody sees it.",
        response="Look at it.",
        respond_minutes=30,
    )
    device(gateway, unit).unplugged = True
    with after(300):
        gateway.sweep()
    assert not Alarm.objects.exists()
    with after(700):
        gateway.sweep()
    assert Alarm.objects.get().priority == "p2"
