"""The supervisor and the tablet: called from the step, answered on the supervisor's view, helped without network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches.models import Batch, Redline, SupervisorCall
from batches.run_help import WHAT_TO_DO
from batches.run_page import BUTTONS
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import redlines
from tests.given.people import PASSWORD
from tests.pages.conftest import Screen

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]


@pytest.fixture
def batch(site: Site) -> Batch:
    batch = given.running_batch(site)
    given.done(given.step(batch, "S010"))
    return batch


def card(screen: Screen, text: str) -> None:
    """A command card, read by the scanner."""
    screen.page.keyboard.type(f"~{text}\n")


def test_a_call_is_made_answered_and_seen(new_screen: Open, batch: Batch, olga: User, sven: User) -> None:
    step = given.started(batch, "S020")
    tablet, supervisor = new_screen(olga).open(f"/steps/{step.id}/"), new_screen(sven)
    supervisor.page.clock.install()
    redlines.proposed(step, waits=True)
    supervisor.open("/floor/")
    expect(supervisor.page.locator("#live")).to_contain_text("Olga Operator")
    card(tablet, "CMD:HELP")
    tablet.page.get_by_role("button", name="Something is unclear").click()
    tablet.picture("sheet-call-chosen")
    tablet.page.locator("[data-call-now]").click()
    expect(tablet.page.locator("[data-call]")).to_contain_text("nobody has answered yet")

    supervisor.page.clock.run_for(5_000)
    expect(supervisor.page.locator("#live")).to_contain_text("Something is unclear")
    assert supervisor.violations() == []
    assert supervisor.hidden_controls() == []
    supervisor.picture("floor")
    supervisor.page.get_by_role("button", name="On my way").click()
    expect(tablet.page.locator("[data-call]")).to_contain_text("Sven Supervisor is on the way")
    tablet.picture("run-called-answered")


def test_nothing_moves_under_a_finger_and_nothing_old_looks_new(new_screen: Open, batch: Batch, sven: User) -> None:
    screen = new_screen(sven)
    screen.page.clock.install()
    screen.open("/floor/")
    given.started(batch, "S020")
    screen.page.get_by_role("link", name="Open step").first.focus()
    screen.page.clock.run_for(5_000)
    expect(screen.page.locator("[data-live-state]")).to_contain_text("As of")
    expect(screen.page.locator("#live")).not_to_contain_text("Olga Operator")
    screen.page.evaluate("document.activeElement.blur()")
    screen.page.clock.run_for(5_000)
    expect(screen.page.locator("#live")).to_contain_text("Olga Operator")
    screen.page.context.set_offline(True)
    screen.page.clock.run_for(5_000)
    expect(screen.page.locator("[data-live-state]")).to_contain_text("The server does not answer.")


def test_a_call_without_network_is_sent_later(new_screen: Open, batch: Batch, olga: User) -> None:
    step = given.started(batch, "S020")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    screen.page.context.set_offline(True)
    card(screen, "CMD:HELP")
    screen.page.locator("[data-call-now]").click()
    expect(screen.page.locator("[data-status]")).to_contain_text("The call will be sent")
    screen.page.get_by_role("button", name="More").click()
    screen.page.locator("[data-open=help]").click()
    expect(screen.page.locator("#help li").first).to_be_visible()
    screen.page.locator("#help [data-close]").click()
    assert not SupervisorCall.objects.exists()
    screen.page.context.set_offline(False)
    expect(screen.page.locator("[data-call]")).to_contain_text("Called")
    assert SupervisorCall.objects.get().called_by == olga


@pytest.mark.req("R-088")
def test_a_step_is_written_approved_and_shown_as_added(
    new_screen: Open, batch: Batch, olga: User, sven: User, quinn: User
) -> None:
    supervisor = new_screen(sven).open(f"/batches/{batch.id}/")
    supervisor.page.get_by_role("link", name="Add a step").click()
    supervisor.page.get_by_label("Title").fill("Mix once more")
    supervisor.page.get_by_label("What to do").fill("Turn the bag over five times.")
    supervisor.page.get_by_label("Why this batch needs it").fill("Clumps were seen.")
    assert supervisor.violations() == []
    supervisor.picture("redlines-new")
    supervisor.page.get_by_role("button", name="Propose the step").click()
    redline = Redline.objects.get()

    quality = new_screen(quinn).open(f"/redlines/{redline.id}/")
    assert quality.violations() == []
    quality.picture("redlines-redline")
    quality.page.get_by_text("Use your password instead").click()
    quality.page.get_by_label("Password").fill(PASSWORD)
    quality.page.get_by_role("button", name="Approve the step").click()
    expect(quality.page.locator("main")).to_contain_text("Approved")

    redline.refresh_from_db()
    tablet = new_screen(olga).open(f"/steps/{redline.step_id}/")
    expect(tablet.page.locator(".run-title")).to_contain_text("Added: Sven Supervisor, approved Quinn Quality")
    tablet.picture("run-added-real")


def test_every_panel_has_its_help() -> None:
    assert BUTTONS.keys() <= WHAT_TO_DO.keys()
