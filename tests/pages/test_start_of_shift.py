"""The operator's home page: everything of a usual shift at a glance, and a scan leads to the work."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

from chain_of_identity.models import Container
from equipment.models import Room
from mes.accounts.models import Site, User
from mes.accounts.services import choose_language
from tests.given import batches as given
from tests.given.people import PIN
from tests.pages.conftest import Screen
from tests.pages.test_operator import press, scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
OVER = "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
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
        (new_screen(olga), "/no-network/"),
        (new_screen(olga), f"/rooms/{room.id}/batches/"),
    ):
        page = screen.open(address).page
        assert screen.status == 200
        assert page.evaluate(SMALL) == []
        assert page.evaluate(FINE_PRINT) == []


@pytest.mark.ux("LAY-01", "LAY-02")
def test_the_door_is_opened_with_gloves_and_does_not_scroll(new_screen: Open, olga: User) -> None:
    """A badge and six taps on our own keypad: no keyboard of the tablet lies over the page."""
    screen = new_screen()
    page = screen.page
    for language in ("fr", "de", "en"):
        screen.open(f"/sign-in/?language={language}")
        expect(page.locator("[data-passkey-form]")).to_be_visible()
        assert screen.shifts() == []
        assert page.evaluate(FITS), language
        assert screen.hidden_controls() == []
        with screen.on_the_other_tablet():
            assert page.evaluate(FITS), f"{language}, on the other tablet"
            assert screen.hidden_controls() == []
    expect(page.locator("[name=pin]")).to_have_attribute("inputmode", "none")
    screen.picture("sign-in")

    scan(screen, f"USR:{olga.badge}")
    type_on_keypad(screen, "271829")
    expect(page.get_by_role("alert").first).to_contain_text("is not right")
    for tablet in (screen.on_the_other_tablet(), nullcontext()):
        with tablet:
            assert page.evaluate(FITS)
            assert screen.hidden_controls() == []
    type_on_keypad(screen, "271829"[:5])
    page.locator("[data-key=back]").click()
    type_on_keypad(screen, PIN[4:])
    expect(page.get_by_role("heading", level=1)).to_have_text("Olga Operator")


def type_on_keypad(screen: Screen, digits: str) -> None:
    for digit in digits:
        screen.page.locator(f"[data-key='{digit}']").click()


def test_a_shift_begins_with_one_look_or_one_scan(new_screen: Open, site: Site, olga: User) -> None:
    given.prepared_or_waiting(given.started(given.running_batch(site), "S120"))
    inspection, other = given.started(given.running_batch(site), "S020"), given.running_batch(site)
    screen = new_screen(olga).open("/")
    page = screen.page
    expect(page.get_by_role("heading", name="My batches")).to_be_visible()
    expect(page.locator(".task-due").first).to_contain_text("due ")
    assert page.evaluate(FITS)
    screen.picture("home-shift")
    for language in ("fr", "de", "en"):
        choose_language(actor=olga, user=olga, language=language)
        page.reload()
        sizes = {"": page.evaluate(OVER)}
        with screen.on_the_other_tablet():
            sizes["on the other tablet"] = page.evaluate(OVER)
        assert {where: over for where, over in sizes.items() if max(over) > 0} == {}, language
    assert screen.violations() == []
    bag = Container.objects.filter(order=inspection.batch.order_id).first()
    assert bag is not None
    scan(screen, bag.label)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    press(screen, "More")
    page.locator("#more").get_by_role("link", name="Other batches here").click()
    expect(page.locator(".identity-banner")).to_contain_text(other.number)
