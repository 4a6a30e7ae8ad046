"""The lock of a tablet that nobody touches: warned of, opaque, alarms in sight, drafts kept for who typed them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from batches import services
from batches.models import Entry, Step
from mes.accounts.models import Site, User
from mes.records.models import SecurityEvent
from tests.given import batches as given
from tests.given.people import PIN
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, panel, press, scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
MINUTE = 60_000


@pytest.fixture
def inspection(site: Site, olga: User) -> Step:
    """Its volume is asked for."""
    step = given.started(given.running_batch(site), "S020")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=step, name=name, value=value)
    return step


def unlock(page: Page, person: User) -> None:
    page.fill("#lock-badge", person.badge or "")
    for digit in PIN:
        page.locator(f"#lock [data-key='{digit}']").click()


@pytest.mark.req("R-030")
@pytest.mark.ux("OP-12")
def test_an_untouched_tablet_warns_locks_and_keeps_what_was_typed_for_its_person(
    new_screen: Open, inspection: Step, olga: User, vera: User
) -> None:
    screen = new_screen(olga, service_workers="block")
    page = screen.page
    page.clock.install()
    screen.open(f"/steps/{inspection.id}/")
    key_in(screen, "12")
    page.clock.run_for(9 * MINUTE + 2_000)
    expect(page.locator("#idle")).to_be_visible()
    screen.picture("run-locks-soon")
    assert screen.violations(enhanced=True) == []
    page.mouse.click(5, 200)
    expect(page.locator("#idle")).to_be_hidden()

    with page.expect_response("**/lock/"):
        page.clock.run_for(10 * MINUTE + 1_000)
    expect(page.locator("#lock")).to_be_visible()
    expect(page.locator(".identity-banner")).to_be_visible()
    screen.picture("run-locked")
    assert screen.violations(enhanced=True) == []
    assert page.request.get(f"{screen.address}/api/v1/me").status == 401
    assert SecurityEvent.objects.filter(kind="idle_lock", user_id=olga.id).count() == 1

    unlock(page, vera)
    expect(page.locator("#run")).to_have_attribute("data-user", "vera")
    press(screen, "Take over")  # olga was here a moment ago
    expect(page.locator("#resume")).to_contain_text("12 typed by Olga Operator, not recorded.")
    screen.picture("run-resume")
    assert screen.violations(enhanced=True) == []
    with page.expect_response("**/lock/"):
        page.clock.run_for(10 * MINUTE + 1_000)
    unlock(page, olga)
    expect(page.locator("#run")).to_have_attribute("data-user", "olga")
    press(screen, "Take over")
    expect(page.locator("#resume")).to_contain_text("12 typed, not recorded.")
    press(screen, "Go on")
    panel(screen, "scan")
    scan(screen, f"&/{inspection.batch.coi_id}")
    expect(page.locator("#run [data-digits]")).to_have_text("12")
    page.keyboard.type("0")
    press(screen, "Record value")
    expect(page.locator("[data-status]")).to_contain_text("Saved")
    assert Entry.objects.get(step=inspection, name="volume").by == olga


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_a_lock_holds_over_a_reload_without_network(new_screen: Open, inspection: Step, olga: User) -> None:
    screen = new_screen(olga)
    page = screen.open(f"/steps/{inspection.id}/").page
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('pages').then(c => c.keys()).then(k => k.length > 0)")
    screen.open(f"/steps/{inspection.id}/")
    page.context.set_offline(True)
    page.evaluate("import('/static/js/lock.js').then(m => m.lock())")
    page.reload()
    expect(page.locator("#lock")).to_be_visible()
    unlock(page, olga)
    expect(page.locator("[data-lock-refusal]")).to_contain_text("The server did not answer")
