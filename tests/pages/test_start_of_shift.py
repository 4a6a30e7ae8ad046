"""The operator's home page: everything of a usual shift at a glance, and a scan leads to the work."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from chain_of_identity.models import Container
from equipment.models import Room
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import press, scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
FITS = "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"

SMALL = """() => [...document.querySelectorAll('main :is(button, .button, input:not([type=hidden]))')]
  .filter(e => e.checkVisibility() && e.offsetHeight < 64).map(e => e.outerHTML)"""
FINE_PRINT = """() => [...document.querySelectorAll('main *')]
  .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < 18).map(e => e.outerHTML)"""


@pytest.mark.ux("A11Y-03")
def test_what_gloves_touch_before_a_step_is_as_large_as_in_it(new_screen: Open, site: Site, olga: User) -> None:
    given.started(given.running_batch(site), "S020")
    room = Room.objects.get(site=site)
    for screen, address in (
        (new_screen(), "/sign-in/"),
        (new_screen(olga), "/"),
        (new_screen(olga), f"/rooms/{room.id}/batches/"),
    ):
        page = screen.open(address).page
        assert screen.status == 200
        assert page.evaluate(SMALL) == []
        assert page.evaluate(FINE_PRINT) == []


def test_a_shift_begins_with_one_look_or_one_scan(new_screen: Open, site: Site, olga: User) -> None:
    given.prepared_or_waiting(given.started(given.running_batch(site), "S120"))
    inspection, other = given.started(given.running_batch(site), "S020"), given.running_batch(site)
    screen = new_screen(olga).open("/")
    page = screen.page
    expect(page.get_by_role("heading", name="My batches")).to_be_visible()
    expect(page.locator(".task-due").first).to_contain_text("due ")
    assert page.evaluate(FITS)
    screen.picture("home-shift")
    assert screen.violations() == []
    bag = Container.objects.filter(order=inspection.batch.order_id).first()
    assert bag is not None
    scan(screen, bag.label)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    press(screen, "More")
    page.locator("#more").get_by_role("link", name="Other batches here").click()
    expect(page.locator(".identity-banner")).to_contain_text(other.number)
