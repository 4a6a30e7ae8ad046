"""The wall screen goes on by itself, and shows nothing old as new."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.pages.conftest import Screen

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", [(1920, 1080)]),
]
Open = Callable[..., Screen]


def test_it_looks_again_by_itself_and_says_when_it_cannot(new_screen: Open, site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    screen = new_screen(olga)
    screen.page.clock.install()
    screen.open("/wall/")
    expect(screen.page.locator("#live")).to_contain_text("S010")
    screen.picture("wall")
    given.done(given.step(batch, "S010"))
    screen.page.clock.run_for(5_000)
    expect(screen.page.locator("#live")).to_contain_text("S020")
    screen.page.context.set_offline(True)
    screen.page.clock.run_for(5_000)
    expect(screen.page.locator("[data-live-state]")).to_contain_text("The server does not answer.")
    assert screen.page.locator("body").get_attribute("data-stale") == ""


def test_a_room_with_work_stands_before_idle_ones(new_screen: Open, site: Site, olga: User) -> None:
    for number in range(12):
        equipment_given.room(site, code=f"AA-{number}")
    given.running_batch(site)
    screen = new_screen(olga).open("/wall/")
    first = screen.page.locator(".wall-room", has=screen.page.locator("li")).bounding_box()
    others = [each.bounding_box() for each in screen.page.locator(".wall-room").all()]
    assert first is not None
    assert (first["y"], first["x"]) == min((each["y"], each["x"]) for each in others if each)
