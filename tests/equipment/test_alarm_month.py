"""What a month of alarms says of the alarms themselves."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from equipment import services
from equipment.alarms.performance import performance
from equipment.models import Alarm, Unit
from equipment.services.alarms import clear_alarm, raise_alarm
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import NotPermitted, WrongState
from mes.records.queries import events_of
from tests.given import alarms as given
from tests.given import equipment as given_equipment
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given_equipment.unit(site, "incubator", "INC-1")


@pytest.fixture
def sven(site: Site) -> User:
    return people.persona(site, "sven")


def come_and_go(unit: Unit, times: int, *, every: timedelta) -> None:
    """The same alarm again and again, each time over before the next."""
    definition = given.definition(unit)
    gateway = system_user("gateway")
    start = timezone.now() - timedelta(hours=1)
    for number in range(times):
        at = start + number * every
        with time_machine.travel(at, tick=False):
            alarm = raise_alarm(actor=gateway, definition=definition, began_at=at, raised_at=at, value=39)
            clear_alarm(actor=gateway, alarm=alarm, cleared_at=at)


def test_without_alarms_there_is_nothing_to_say(sven: User) -> None:
    found = performance(sven)
    assert (found.total, found.rate, found.in_flood, found.noisiest, found.stale) == (0, 0, 0, [], [])


def test_what_comes_and_goes_is_seen_to_chatter(unit: Unit, sven: User) -> None:
    come_and_go(unit, 6, every=timedelta(seconds=10))
    (noisy,) = performance(sven).noisiest
    assert (noisy.definition.unit, noisy.count, noisy.chattered) == (unit, 6, 3)


def test_what_comes_now_and_then_does_not(unit: Unit, sven: User) -> None:
    come_and_go(unit, 6, every=timedelta(minutes=2))
    found = performance(sven)
    assert (found.noisiest[0].chattered, found.in_flood) == (0, 0)


def test_more_than_ten_in_ten_minutes_are_a_flood(unit: Unit, sven: User) -> None:
    come_and_go(unit, 13, every=timedelta(seconds=30))
    found = performance(sven)
    assert (found.total, found.in_flood) == (13, 3)
    assert found.rate == pytest.approx(13 * 10 / (30 * 24 * 60))
    p1 = found.shares[0]
    assert (p1.count, p1.percent, p1.target) == (13, 100, 5)


def test_an_alarm_that_stands_for_a_day_is_stale(unit: Unit, sven: User) -> None:
    alarm = given.raised(unit)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert performance(sven).stale == [alarm]


def test_an_alarm_is_rated_when_it_is_over_and_the_last_word_counts(unit: Unit, sven: User) -> None:
    alarm = given.raised(unit)
    with pytest.raises(WrongState):
        services.rate_alarm(actor=sven, alarm=alarm, useful=True)
    alarm = given.back_to_normal(alarm)
    for useful in (True, False):
        services.rate_alarm(actor=sven, alarm=alarm, useful=useful)
    assert Alarm.objects.get().useful is False
    assert [event.data for event in events_of(alarm).filter(action="equipment.rate_alarm").order_by("id")] == [
        {"useful": True},
        {"useful": False},
    ]
    noisy = performance(sven).noisiest[0]
    assert (noisy.useful, noisy.useless) == (0, 1)


def test_only_who_may_acknowledge_rates(site: Site, unit: Unit) -> None:
    alarm = given.back_to_normal(given.raised(unit))
    with pytest.raises(NotPermitted):
        services.rate_alarm(actor=people.persona(site, "clara"), alarm=alarm, useful=True)


def test_one_tap_on_its_page(unit: Unit, sven: User) -> None:
    alarm = given.back_to_normal(given.raised(unit))
    client = people.client_of(sven)
    assert b"Was this alarm useful?" in client.get(f"/alarms/{alarm.id}/").content
    assert client.post(f"/alarms/{alarm.id}/rate/", {"useful": "no"}, format="multipart").status_code == 302
    assert b"Somebody said: no" in client.get(f"/alarms/{alarm.id}/").content
    answer = client.post(f"/api/v1/alarms/{alarm.id}/rate", {"useful": True})
    assert (answer.status_code, answer.json()["useful"]) == (200, True)


def test_the_page_shows_it(unit: Unit, sven: User) -> None:
    client = people.client_of(sven)
    assert b"no alarm on your sites" in client.get("/alarms/month/").content
    come_and_go(unit, 6, every=timedelta(seconds=10))
    assert b"INC-1: Temperature" in client.get("/alarms/month/").content
