"""Words on a value out of its limits, not recorded yet: kept for whoever wrote them, and for nobody else."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches.models import Deviation, Step
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import panel, press
from tests.pages.test_photos import out_of_limit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
WORDS = "The sample stood for ten minutes before it was counted."
KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('baton-words')).length"


@pytest.fixture
def out(site: Site, olga: User) -> Step:
    return out_of_limit(given.started(given.running_batch(site), "S020"), olga)


def words_of(screen: Screen) -> str:
    press(screen, "Record deviation")
    screen.page.evaluate("import('/static/js/evidence.js')")  # what was typed comes back when this is there
    return screen.page.locator("#deviation-words").input_value()


@pytest.mark.ux("OP-14")
def test_words_of_a_deviation_outlive_a_reload_until_they_are_recorded(new_screen: Open, out: Step, olga: User) -> None:
    screen = new_screen(olga).open(f"/steps/{out.id}/")
    page = screen.page
    assert words_of(screen) == ""
    page.locator("#deviation-words").press_sequentially(WORDS, delay=1)
    page.reload()
    assert words_of(screen) == WORDS

    page.locator("[data-deviation-now]").click()
    panel(screen, "complete")
    assert Deviation.objects.get(step=out).description == WORDS
    assert page.evaluate(KEPT) == 0


def test_a_reason_that_was_chosen_outlives_a_reload_too(new_screen: Open, out: Step, olga: User) -> None:
    screen = new_screen(olga).open(f"/steps/{out.id}/")
    words_of(screen)
    chosen = screen.page.locator("[data-deviation]").first
    reason = chosen.text_content()
    chosen.click()
    screen.page.reload()
    assert words_of(screen) == reason


def test_nobody_else_is_offered_them(new_screen: Open, out: Step, olga: User, vera: User) -> None:
    screen = new_screen(olga, service_workers="block").open(f"/steps/{out.id}/")
    words_of(screen)
    screen.page.fill("#deviation-words", WORDS)
    screen.seen_by(vera).open(f"/steps/{out.id}/")
    press(screen, "Take over")
    panel(screen, "deviation")
    assert words_of(screen) == ""
    screen.seen_by(olga).open(f"/steps/{out.id}/")
    press(screen, "Take over")
    panel(screen, "deviation")
    assert words_of(screen) == WORDS


def test_signing_out_leaves_none(new_screen: Open, out: Step, olga: User) -> None:
    screen = new_screen(olga).open(f"/steps/{out.id}/")
    words_of(screen)
    screen.page.fill("#deviation-words", WORDS)
    assert screen.page.evaluate(KEPT) == 1
    screen.page.locator("#deviation [data-close]").click()
    press(screen, "More")
    screen.page.locator("[data-leave]").click()
    screen.page.wait_for_url("**/sign-in/**")
    expect(screen.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert screen.page.evaluate(KEPT) == 0
