"""One operator hands the batch to the next, at one tablet."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from batches import services
from batches.models import BatchException, Entry, HandOver, Step
from batches.queries.hand_over import standing
from mes.accounts.models import Site, User
from mes.records.models import Event
from tests.given import batches as given
from tests.given import people
from tests.given.people import PIN
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, press, scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
FITS = "(e => e.scrollHeight <= e.clientHeight)(document.querySelector('#hand-over .sheet-list'))"


@pytest.fixture
def culture(site: Site, olga: User) -> Step:
    """A batch whose timer runs, with a value out of its limits in a step beside it."""
    batch = given.running_batch(site)
    step = given.started(batch, "S120")
    given.prepared_or_waiting(step)
    earlier = given.step(batch, "S020")
    entry = earlier.entries.get(name="viability")
    signer = people.signer(olga, "performed", site=site)
    services.correct_entry(actor=olga, entry=entry, value="65", unit="%", reason="Typed wrong", signer=signer)
    return given.step(batch, "S120")


def count(page: Page, name: str) -> int:
    return int(page.locator(f"[data-stands-count={name}]").inner_text())


def type_pin(page: Page, pin: str = PIN) -> None:
    for digit in pin:
        page.locator(f"#taker [data-key='{digit}']").click()


@pytest.mark.ux("OP-19")
def test_it_lists_what_the_server_counts_and_takes_four_taps_a_badge_and_a_pin(
    new_screen: Open, culture: Step, olga: User, vera: User
) -> None:
    screen = new_screen(olga, service_workers="block").open(f"/steps/{culture.id}/")
    page = screen.page
    press(screen, "More")
    press(screen, "Hand over")
    expect(page.locator("[data-stands=entries] li")).to_have_count(3)
    now = standing(culture.batch)
    assert (count(page, "timers"), count(page, "exceptions"), count(page, "unsent")) == (1, len(now.exceptions), 0)
    assert len(now.exceptions) == BatchException.objects.filter(batch=culture.batch, status="open").count()
    screen.picture("run-hand-over")
    assert screen.violations(enhanced=True) == []
    assert page.evaluate(FITS)
    press(screen, "Watch the timer")
    press(screen, "Who takes over?")
    scan(screen, f"USR:{vera.badge}")
    screen.picture("run-hand-over-badge")
    assert screen.violations(enhanced=True) == []
    type_pin(page)
    expect(page.locator("#run")).to_have_attribute("data-user", "vera")
    done = HandOver.objects.get()
    assert (done.given_by, done.taken_by, done.note) == (olga, vera, "Watch the timer")
    assert (done.timers, done.exceptions, done.unsent) == (1, len(now.exceptions), 0)
    assert Event.objects.get(action="batches.hand_over").data["to"] == "Vera Verifier"
    assert page.request.get(f"{screen.address}/api/v1/me").json()["username"] == "vera"


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_long_words_leave_room_for_the_buttons_and_what_does_not_fit_is_counted(
    new_screen: Open, site: Site, culture: Step, olga: User
) -> None:
    entry, signer = Entry.objects.filter(name="viability").latest("at"), people.signer(olga, "performed", site=site)
    reason = "Somebody wrote at length what was seen here. " * 8
    for value in ("66", "67"):
        entry = services.correct_entry(actor=olga, entry=entry, value=value, unit="%", reason=reason, signer=signer)
    screen = new_screen(olga, service_workers="block").open(f"/steps/{culture.id}/")
    page = screen.page
    press(screen, "More")
    press(screen, "Hand over")
    expect(page.locator("[data-stands=entries] li").first).to_contain_text("Viability")
    assert page.evaluate(FITS)
    *shown, rest = page.locator("[data-stands=exceptions] li").all_inner_texts()
    assert rest == f"and {count(page, 'exceptions') - len(shown)} more"
    assert shown
    screen.picture("run-hand-over-long")


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_who_may_not_take_it_is_told_why_and_nothing_changes(
    new_screen: Open, culture: Step, olga: User, carl: User
) -> None:
    screen = new_screen(olga, service_workers="block").open(f"/steps/{culture.id}/")
    page = screen.page
    press(screen, "More")
    press(screen, "Hand over")
    expect(page.locator("[data-stands=entries] li")).to_have_count(3)
    scan(screen, f"USR:{carl.badge}")
    type_pin(page, "999998")
    expect(page.locator("#taker [data-refusal]")).to_contain_text("is not right")
    type_pin(page)
    expect(page.locator("#taker [data-refusal]")).to_contain_text("has no right to work on batches")
    assert page.request.get(f"{screen.address}/api/v1/me").json()["username"] == "olga"
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_what_is_only_on_the_tablet_is_listed_and_stops_it(
    new_screen: Open, site: Site, olga: User, vera: User
) -> None:
    step = given.started(given.running_batch(site), "S020")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=step, name=name, value=value)
    screen = new_screen(olga, service_workers="block").open(f"/steps/{step.id}/")
    page = screen.page
    page.route("**/entries", lambda route: route.abort())
    key_in(screen, "120")
    press(screen, "Record value")
    expect(page.locator("[data-status]")).to_contain_text("on this tablet")
    press(screen, "More")
    press(screen, "Hand over")
    expect(page.locator("[data-stands=unsent] li")).to_contain_text("Olga Operator · Step 2")
    assert count(page, "unsent") == 1
    scan(screen, f"USR:{vera.badge}")
    type_pin(page)
    expect(page.locator("#taker [data-refusal]")).to_contain_text("Entries of olga are only on this tablet")
    assert not HandOver.objects.exists()


@pytest.fixture
def inspection(site: Site, olga: User) -> Step:
    """Its volume is asked for next."""
    step = given.started(given.running_batch(site), "S020")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=step, name=name, value=value)
    return step


def handed_over(screen: Screen, step: Step, taker: User, *, typed: str) -> None:
    """Olga typed a value, did not record it, and gave the tablet to somebody else."""
    screen.open(f"/steps/{step.id}/")
    key_in(screen, typed)
    press(screen, "More")
    press(screen, "Hand over")
    expect(screen.page.locator("[data-stands=entries] li")).to_have_count(2)
    press(screen, "Watch the timer")
    scan(screen, f"USR:{taker.badge}")
    type_pin(screen.page)
    expect(screen.page.locator("#run")).to_have_attribute("data-user", taker.username)


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_a_draft_is_offered_before_the_label_is_scanned_again(
    new_screen: Open, inspection: Step, olga: User, vera: User
) -> None:
    screen = new_screen(olga, service_workers="block")
    handed_over(screen, inspection, vera, typed="120")
    press(screen, "Take 120 as mine")
    scan(screen, f"&/{inspection.batch.coi_id}")
    expect(screen.page.locator("#run [data-digits]")).to_have_text("120")


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_a_draft_of_the_one_who_left_is_offered_and_never_taken_by_itself(
    new_screen: Open, inspection: Step, olga: User, vera: User
) -> None:
    screen, step = new_screen(olga, service_workers="block"), inspection
    page = screen.page
    handed_over(screen, step, vera, typed="120")
    for words in (
        "Olga Operator began step 2",
        "Note from Olga Operator: Watch the timer",
        "120 typed by Olga Operator",
    ):
        expect(page.locator("#resume")).to_contain_text(words)
    press(screen, "Go on")
    scan(screen, f"&/{step.batch.coi_id}")
    expect(page.locator("#run [data-digits]")).to_have_text("")
    page.evaluate("sessionStorage.removeItem('baton-resumed')")
    page.reload()
    press(screen, "Take 120 as mine")
    expect(page.locator("#run [data-digits]")).to_have_text("120")
    press(screen, "Record value")
    expect(page.locator("[data-status]")).to_contain_text("Saved")
    assert Entry.objects.get(step=step, name="volume").by == vera


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_after_five_minutes_away_the_screen_says_where_the_step_stands(
    new_screen: Open, culture: Step, olga: User
) -> None:
    screen = new_screen(service_workers="block").open("/sign-in/")
    page = screen.page
    page.fill("[name=badge]", olga.badge or "")
    for digit in PIN:
        page.locator(f"[data-key='{digit}']").click()
    page.clock.install()
    screen.open(f"/steps/{culture.id}/")
    expect(page.locator("#resume")).to_contain_text("You were at step 11 of 17.")
    expect(page.locator("#resume [data-left]")).to_contain_text("49:")
    screen.picture("run-resume-timer")
    press(screen, "Go on")
    expect(page.locator("#resume")).to_be_hidden()
    page.reload()
    expect(page.locator("#resume")).to_be_hidden()
