"""The next step: on the screen with the answer to the act, and on the tablet for the time without network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import panel, press

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
UNSIGNED = given.SHORT.replace("the bag., signature: performed", "the bag., signature: none", 1)
# As it is now, not as it was while the step before was in work.
KEPT = """async address => {
  const kept = async () => (await (await caches.match(address))?.text())?.includes('data-panel="start"');
  while (!await kept()) await new Promise(resolve => setTimeout(resolve, 100));
}"""


@pytest.mark.ux("PERF-04")
def test_the_next_step_needs_no_second_way_to_the_server(new_screen: Open, olga: User, site: Site) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, UNSIGNED))
    step = given.prepared(given.started(batch, "S010"))
    following = given.step(batch, "S020")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    panel(screen, "complete")
    page.evaluate("navigator.serviceWorker.ready")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    press(screen, "Done – next step")
    expect(page.locator("#run")).to_have_attribute("data-step", str(following.id))
    address = f"{screen.address}/steps/{following.id}/"
    assert f"POST {screen.address}/api/v1/steps/{step.id}/complete" in asked
    assert f"GET {address}" not in asked
    expect(page).to_have_url(address)

    page.evaluate(KEPT, address)
