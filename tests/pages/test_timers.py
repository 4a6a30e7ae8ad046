"""What is left of a hold, by every tablet's screen, with and without the server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches.models import Step
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_without_network import KEPT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
OLDER = """async url => {
  const cache = await caches.open('pages'), known = await cache.match(url), headers = new Headers(known.headers);
  headers.set('X-Kept-At', Number(headers.get('X-Kept-At')) - 600_000);
  await cache.put(url, new Response(await known.blob(), { headers }));
}"""
# Seconds since 1970, from a display that counts whole seconds: read just after one of them has changed. What was shown
# anew meanwhile does not count, and what stands still is a fault.
ENDS = """() => new Promise((resolve, reject) => {
  const left = () => {
    const [, minutes, seconds] = document.querySelector('[data-left]')?.textContent.match(/^(\\d+):(\\d\\d)$/) ?? [];
    return minutes * 60 + Number(seconds);
  };
  let before = left();
  const look = setInterval(() => {
    const now = left();
    if (before - now === 1) { clearInterval(look); resolve(Date.now() / 1000 + now); }
    before = now;
  }, 20);
  setTimeout(() => reject(new Error(`stands still: ${document.querySelector('[data-left]')?.textContent}`)), 60_000);
})"""


@pytest.fixture
def hold(site: Site) -> Step:
    """Its earliest end is in 50 minutes."""
    batch = given.running_batch(site)
    given.done_before(batch, "S120")
    return given.prepared_or_waiting(given.started(batch, "S120"))


@pytest.mark.ux("OP-18")
def test_a_timer_is_the_same_on_every_tablet_and_after_a_reload(new_screen: Open, olga: User, hold: Step) -> None:
    """When the hold ends by what the screen says is left: on two tablets, after a reload, and without network."""
    first, second = (new_screen(olga).open(f"/steps/{hold.id}/") for _ in range(2))
    first.page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    ends = [first.page.evaluate(ENDS), second.page.evaluate(ENDS)]
    ends.append(first.open(f"/steps/{hold.id}/").page.evaluate(ENDS))
    first.page.context.set_offline(True)
    first.page.reload()
    ends.append(first.page.evaluate(ENDS))
    assert max(ends) - min(ends) <= 1


def test_a_timer_goes_on_without_the_server(new_screen: Open, olga: User, hold: Step) -> None:
    """The page was kept ten minutes ago: by now 40 are left, whatever it says."""
    screen = new_screen(olga).open(f"/steps/{hold.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.open(f"/steps/{hold.id}/")
    expect(page.locator("[data-left]").first).to_have_text(re.compile(r"49:\d\d|50:00"))
    page.evaluate(OLDER, f"{screen.address}/steps/{hold.id}/")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-left]").first).to_have_text(re.compile(r"39:\d\d|40:00"))
