"""A tablet whose network goes away in the middle of a step: work goes on, nothing typed is lost, nothing is doubled."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches.models import Batch, Entry
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, panel, press

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
KEPT = "() => navigator.serviceWorker.ready.then(() => caches.open('pages')).then(c => c.keys()).then(k => k.length)"
OLDER = """async url => {
  const cache = await caches.open('pages'), known = await cache.match(url), headers = new Headers(known.headers);
  headers.set('X-Kept-At', Number(headers.get('X-Kept-At')) - 600_000);
  await cache.put(url, new Response(await known.blob(), { headers }));
}"""
STEP = """
          - id: S025
            kind: entry
            title: Read the display
            text: Read both values.
            entries:
              - {id: first, name: First, unit: mL, precision: 1}
              - {id: second, name: Second, unit: mL, precision: 1}
            signature: performed
"""


@pytest.fixture
def batch(site: Site) -> Batch:
    source = given.SHORT.replace("  - id: UP02\n", f"{STEP.lstrip(chr(10))}  - id: UP02\n", 1)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, "S025")
    given.started(batch, "S025")
    return batch


@pytest.mark.ux("OP-09", "OP-10")
def test_values_are_typed_reloaded_and_sent_later(new_screen: Open, batch: Batch, olga: User) -> None:
    step = given.step(batch, "S025")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.open(f"/steps/{step.id}/")
    page.context.set_offline(True)

    key_in(screen, "120")
    press(screen, "Record value")
    expect(page.locator("#run .reading-label")).to_have_text("Second")
    expect(page.locator("#run [data-status]")).to_contain_text("1 on this tablet: first 120 mL")

    page.reload()
    expect(page.locator("#run .reading-label")).to_have_text("Second")
    expect(page.locator("#run [data-status]")).to_contain_text("No network. The page is of")
    key_in(screen, "80")
    press(screen, "Record value")
    expect(page.get_by_role("heading", name="Go on when the network is back")).to_be_visible()
    expect(page.locator("#run [data-to-do]:visible")).to_have_count(0)
    screen.picture("run-without-network")
    assert screen.violations(enhanced=True) == []

    again = page.context.new_page()
    page.close()
    screen.page = again
    again.goto(f"{screen.address}/steps/{step.id}/")
    expect(again.locator("#run [data-status]")).to_contain_text("2 on this tablet")
    assert not Entry.objects.filter(step=step).exists()

    again.context.set_offline(False)
    panel(screen, "complete")
    found = Entry.objects.filter(step=step).order_by("at").values_list("name", "value")
    assert list(found) == [("first", "120"), ("second", "80")]
    assert not Entry.objects.filter(step=step, device_at=None).exists()


def test_what_was_not_looked_at_says_what_to_do(new_screen: Open, olga: User, batch: Batch) -> None:
    screen = new_screen(olga).open("/")
    screen.page.evaluate("navigator.serviceWorker.ready")
    screen.open("/")
    screen.page.context.set_offline(True)
    screen.page.goto(f"{screen.address}/batches/")
    expect(screen.page.get_by_role("heading", name="This tablet has no network")).to_be_visible()
    assert screen.violations() == []


def test_signing_out_leaves_no_page_of_a_patient(new_screen: Open, olga: User, batch: Batch) -> None:
    screen = new_screen(olga).open(f"/steps/{given.step(batch, 'S025').id}/")
    screen.page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.page.get_by_role("button", name="More").click()
    screen.page.locator("[data-leave]").click()
    screen.page.wait_for_url("**/sign-in/**")
    assert screen.page.evaluate(KEPT) == 0


@pytest.mark.ux("OP-18")
def test_a_timer_goes_on_without_the_server(new_screen: Open, olga: User, site: Site) -> None:
    """The earliest end is in 50 minutes. The page was kept ten minutes ago: by now 40 are left, whatever it says."""
    batch = given.running_batch(site)
    given.done_before(batch, "S120")
    step = given.prepared_or_waiting(given.started(batch, "S120"))
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.open(f"/steps/{step.id}/")
    expect(page.locator("[data-left]").first).to_have_text(re.compile(r"49:\d\d|50:00"))
    page.evaluate(OLDER, f"{screen.address}/steps/{step.id}/")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-left]").first).to_have_text(re.compile(r"39:\d\d|40:00"))
