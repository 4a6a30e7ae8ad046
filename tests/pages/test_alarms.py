"""Alarms on the tablet: one strip that takes its own room, one list, and pages that everybody can use."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from equipment.models import Alarm, Unit
from mes.accounts.models import Site
from tests.given import alarms as given
from tests.given import equipment as plant
from tests.given.people import PASSWORD, persona
from tests.pages.conftest import Screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
WIDER = "() => document.documentElement.scrollWidth > innerWidth"
WITH_STRIP = ("number", "many", "blocked", "out_of_limit", "transfer", "text")  # the fullest ones


@pytest.fixture
def alarm(site: Site) -> Alarm:
    """A P1 in INC-3, a shelved P2 and an acknowledged P3 elsewhere."""
    units = [plant.unit(site, "incubator", code) for code in ("INC-3", "INC-4", "INC-5")]
    given.shelved(given.raised(units[1], priority="p2"))
    given.acknowledged(given.raised(units[2], priority="p3"))
    plant.occupied(units[0])
    return given.raised(units[0])


def found_on(screen: Screen, name: str, path: str) -> list[str]:
    screen.open(path)
    screen.picture(name)
    wide = ["wider than the screen"] if screen.page.evaluate(WIDER) else []
    return [*screen.violations(enhanced=True), *wide]


@pytest.mark.ux("A11Y-01", "A11Y-02")
def test_every_page_of_alarms_is_for_everybody(new_screen: Open, site: Site, alarm: Alarm) -> None:
    sven, ravi = new_screen(persona(site, "sven")), new_screen(persona(site, "ravi"))
    assert found_on(sven, "home-alarm", "/") == []
    assert found_on(sven, "alarm", f"/alarms/{alarm.id}/") == []
    assert found_on(ravi, "alarm-definitions", "/alarms/definitions/") == []
    more_of(alarm.unit)
    assert found_on(sven, "alarms-flood", "/alarms/") == []
    assert found_on(sven, "alarms-month", "/alarms/month/") == []
    given.back_to_normal(alarm)
    assert found_on(sven, "alarm-back", f"/alarms/{alarm.id}/") == []


def more_of(unit: Unit) -> None:
    for number in range(11):
        given.definition(unit, tag="co2", low="4.5", high="5.5", delay_seconds=number, priority="p2")
    given.measured(unit, 7, 7, 7, tag="co2", start=given.again(Alarm.objects.latest("raised_at")).raised_at)


@pytest.mark.ux("AL-03", "AL-06")
def test_the_strip_takes_its_own_room_on_the_run_screen(new_screen: Open, site: Site, alarm: Alarm) -> None:
    screen = new_screen(persona(site, "olga"))
    found: dict[str, list[str]] = {}
    blinking = "document.getAnimations().length"
    for name in WITH_STRIP:
        screen.open(f"/states/{name}/")
        expect(screen.page.locator(".alarm-strip")).to_be_visible()
        screen.picture(f"run-alarm-{name}")
        found[name] = [*screen.hidden_controls(), *(["scrolls"] if screen.scrolls() else [])]
        found[name] += ["blinks"] if screen.page.evaluate(blinking) else []
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert screen.violations(enhanced=True) == []


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_from_the_strip_to_acknowledged_in_two_taps_and_a_pin(new_screen: Open, site: Site, alarm: Alarm) -> None:
    screen = new_screen(persona(site, "olga")).open("/")
    assert screen.page.locator(".alarm-strip").get_attribute("data-sound") == str(alarm.id)
    screen.page.locator(".alarm-strip a").click()
    screen.page.get_by_text("Use your password instead").click()
    screen.page.get_by_label("Password").fill(PASSWORD)
    screen.page.get_by_role("button", name="Acknowledge").click()
    expect(screen.page.get_by_text("Acknowledged", exact=True).first).to_be_visible()
    assert given.again(alarm).status == "acknowledged"
    assert screen.open("/").page.locator(".alarm-strip").count() == 0


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_an_open_page_hears_of_an_alarm_by_itself(new_screen: Open, site: Site) -> None:
    screen = new_screen(persona(site, "olga")).open("/")
    assert screen.page.locator(".alarm-strip").count() == 0
    given.raised(plant.unit(site, "incubator", "INC-3"))
    expect(screen.page.locator(".alarm-strip")).to_contain_text("INC-3")
