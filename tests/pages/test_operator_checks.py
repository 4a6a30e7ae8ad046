"""Hands that slip, networks that lose an answer, sessions that end: nothing typed is lost, nothing is done twice."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.template import Context, Template
from playwright.sync_api import Page, Route, expect

from batches import services
from batches.models import Entry, Step
from equipment.alarms.models import Priority
from mes.accounts.models import Site, User
from mes.records.models import Event, Signature
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given.people import PIN
from tests.pages.conftest import Screen
from tests.pages.run_states import CHANGES
from tests.pages.test_operator import key_in, panel, press, scan, sign_with_password

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pages.urls"),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
COUNT_TONES = """window.tones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return make.apply(this); };"""
# Links and signing out lead nowhere: what a browser makes of a page left and opened anew at once is not ours.
AT_HOME = """addEventListener('beforeunload', event => event.stopImmediatePropagation());
addEventListener('click', event => event.target.closest('a[href]') && event.preventDefault(), true);
addEventListener('click', event => event.target.closest('[data-leave]') && event.stopImmediatePropagation(), true);"""
COUNT_TAPS = "window.taps = 0; addEventListener('click', () => { window.taps += 1; }, true);"
HEARD = "window.heard = []; document.addEventListener('scan', event => window.heard.push(event.detail.code))"


@pytest.fixture
def inspection(site: Site, olga: User) -> Step:
    """The inspection, in work; its two answers are given, its volume is asked for."""
    batch = given.running_batch(site)
    given.done_before(batch, "S020")
    step = given.started(batch, "S020")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=step, name=name, value=value)
    return given.step(batch, "S020")


def opened(screen: Screen, step: Step) -> Page:
    return screen.open(f"/steps/{step.id}/").page


@pytest.mark.ux("OP-01")
def test_a_scan_a_value_and_a_signature_take_ten_taps(new_screen: Open, olga: User, site: Site) -> None:
    """The label begins the step, and the last value opens the sign sheet."""
    volume = "entries: [{id: volume, name: Volume, unit: mL, low: 50, high: 400}], illustrative: true, signature"
    recipe = given.short_recipe(site, given.SHORT.replace("the bag., signature", f"the bag., {volume}", 1))
    signed_before, batch = (given.running_batch(site, recipe=recipe) for _ in range(2))
    screen = new_screen(olga)
    page = opened(screen, given.prepared(given.started(signed_before, "S010")))
    sign_with_password(screen)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    page = opened(screen, given.step(batch, "S010"))
    page.evaluate(COUNT_TAPS)
    scan(screen, identity_given.bag_of(batch.order).label)
    panel(screen, "entry")
    key_in(screen, "123")
    press(screen, "Record & sign")
    for digit in PIN:
        page.locator(f"#sign [data-key='{digit}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    assert page.evaluate("window.taps") <= 10
    assert given.step(batch, "S010").status == "COMPLETE"


@pytest.mark.ux("OP-03", "OP-04")
@pytest.mark.parametrize("slowed", [1, 4])
def test_a_scanner_of_any_speed_is_heard_and_typing_is_not(
    new_screen: Open, olga: User, slowed: int, is_thorough: bool
) -> None:
    page = new_screen(olga).open("/states/scan/").page
    slow_down(page, slowed)
    page.evaluate(HEARD)
    sent = [f"KX7-{delay}-{number}" for delay in (8, 30, 60) for number in range(60 if is_thorough else 3)]
    for code in sent:
        page.keyboard.type(f"~{code}", delay=int(code.split("-")[1]))
        page.keyboard.press("Enter")
    page.keyboard.type("KX7-2", delay=120)
    page.keyboard.press("Enter")
    assert page.evaluate("window.heard") == sent


@pytest.mark.ux("OP-11")
def test_an_answer_that_is_lost_is_asked_for_again(new_screen: Open, olga: User, inspection: Step) -> None:
    screen = new_screen(olga, service_workers="block")
    page = opened(screen, inspection)
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().text())
        return route.abort()

    page.route("**/entries", lose_the_first)
    key_in(screen, "120")
    press(screen, "Record value")
    expect(page.locator("[data-name=concentration]")).to_be_visible()
    expect(page.locator("[data-status]")).to_contain_text("Saved")
    assert len(lost) == 1
    assert Entry.objects.filter(step=inspection, name="volume").count() == 1


@pytest.mark.ux("OP-12")
def test_a_session_that_ends_before_the_signature_locks(new_screen: Open, olga: User, site: Site) -> None:
    step = given.prepared(given.started(given.running_batch(site), "S020"))
    screen = new_screen(olga)
    page = opened(screen, step)
    Session.objects.all().delete()
    sign_with_password(screen)
    expect(page.locator("#lock")).to_be_visible()
    expect(page.locator("#sign")).to_be_hidden()
    assert not Signature.objects.filter(subject_id=step.id).exists()


def test_what_is_said_stands_over_an_open_sheet(new_screen: Open, olga: User, inspection: Step) -> None:
    """Nobody signs out while an entry is on this tablet only, and reads why."""
    screen = new_screen(olga, service_workers="block")
    page = opened(screen, inspection)
    page.route("**/entries", lambda route: route.abort())
    key_in(screen, "120")
    press(screen, "Record value")
    press(screen, "More")
    page.locator("[data-leave]").click()
    expect(page.locator(".flash")).to_contain_text("Entries only on this tablet: 1.")
    assert page.evaluate("document.querySelector('.flash').matches(':popover-open')")  # over whatever is modal
    screen.picture("run-cannot-leave")


@pytest.mark.ux("OP-13")
def test_who_presses_again_while_the_answer_is_slow_records_once(
    new_screen: Open, olga: User, inspection: Step
) -> None:
    screen = new_screen(olga, service_workers="block")
    page = opened(screen, inspection)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/entries", hold)
    key_in(screen, "120")
    press(screen, "Record value")
    expect(page.locator("[data-status]")).to_have_text("Saving… kept on this tablet")
    press(screen, "Record value")
    expect(page.locator(".flash")).to_have_text("It is on its way.")
    held[0].continue_()
    expect(page.locator("[data-name=concentration]")).to_be_visible()
    expect(page.locator(".flash")).to_have_count(0)
    assert len(held) == 1
    assert Entry.objects.filter(step=inspection, name="volume").count() == 1


@pytest.mark.ux("OP-12")
def test_a_session_that_ends_locks_and_the_same_value_goes_on(new_screen: Open, olga: User, inspection: Step) -> None:
    screen = new_screen(olga)
    page = opened(screen, inspection)
    key_in(screen, "120")
    Session.objects.all().delete()
    press(screen, "Record value")
    expect(page.locator("#lock")).to_be_visible()
    page.fill("#lock-badge", olga.badge or "")
    for digit in PIN:
        page.locator(f"#lock [data-key='{digit}']").click()
    expect(page.locator("#resume")).to_be_visible()
    scan(screen, f"&/{inspection.batch.coi_id}")
    expect(page.locator("[data-name=concentration]")).to_be_visible()
    assert page.url.endswith(f"/steps/{inspection.id}/")
    assert Entry.objects.filter(step=inspection, name="volume").values_list("value", flat=True).get() == "120"


def test_an_answer_of_before_does_not_lock_what_was_opened(new_screen: Open, olga: User, inspection: Step) -> None:
    """On a slow network the refusal of the session that had ended comes after badge and PIN."""
    screen = new_screen(olga)
    page = opened(screen, inspection)
    refused = """asked => document.dispatchEvent(new CustomEvent("journal", { detail: { state: "locked", asked } }))"""
    before = page.evaluate("performance.now()")
    page.evaluate(refused, before)
    page.fill("#lock-badge", olga.badge or "")
    for digit in PIN:
        page.locator(f"#lock [data-key='{digit}']").click()
    expect(page.locator("#lock")).to_be_hidden()
    page.evaluate(refused, before)
    expect(page.locator("#lock")).to_be_hidden()
    page.evaluate(refused, page.evaluate("performance.now()"))
    expect(page.locator("#lock")).to_be_visible()


@pytest.mark.ux("OP-13")
def test_a_trembling_finger_signs_once(new_screen: Open, olga: User, site: Site) -> None:
    batch = given.running_batch(site)
    step = given.started(batch, "S010")
    given.prepared(step)
    screen = new_screen(olga)
    page = opened(screen, step)
    sign_with_password(screen)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    page.wait_for_selector("html:not([data-tapped])")
    page.evaluate(
        """() => { const tap = () => document.querySelector('[data-primary]').click(); tap(); setTimeout(tap, 50); }"""
    )
    panel(screen, "entry")
    assert Signature.objects.filter(subject_id=step.id).count() == 1
    assert Event.objects.filter(action="batches.start_step", subject_id=given.step(batch, "S020").id).count() == 1
    assert Entry.objects.filter(step__batch=batch).count() == 0


@pytest.mark.ux("OP-14")
def test_back_forward_and_reload_lose_and_repeat_nothing(new_screen: Open, olga: User, inspection: Step) -> None:
    screen = new_screen(olga).open("/")
    page = opened(screen, inspection)
    key_in(screen, "12")
    for move in (page.reload, page.go_back, page.go_forward):
        move()
    expect(page.locator("[data-digits]")).to_have_text("12")
    page.keyboard.type("0")
    press(screen, "Record value")
    expect(page.locator("[data-status]")).to_contain_text("Saved")
    for move in (page.go_back, page.go_forward, page.reload):
        move()
    expect(page.locator("[data-name=concentration]")).to_be_visible()
    assert Entry.objects.filter(step=inspection, name="volume").count() == 1


@pytest.mark.ux("OP-21")
def test_five_wrong_pins_lock_and_keep_what_was_entered(new_screen: Open, olga: User, site: Site) -> None:
    batch = given.running_batch(site)
    given.prepared(given.started(batch, "S010"))
    screen = new_screen(olga)
    page = opened(screen, given.step(batch, "S010"))
    sign_with_password(screen)
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    inspection = given.prepared(given.started(batch, "S020"))
    entered = Entry.objects.filter(step=inspection).count()
    page = opened(screen, inspection)
    press(screen, "Sign & next")
    for number in range(6):
        with page.expect_response("**/complete"):
            for digit in f"{900_000 + number}":
                page.locator(f"#sign [data-key='{digit}']").click()
        # The answer is there before its page has read it: what is typed until then belongs to the refused PIN.
        expect(page.locator("#sign [data-dots]")).to_have_attribute("aria-label", "0 of 6 digits")
    expect(page.locator("[data-sign-refusal]")).to_contain_text("locked")
    assert given.step(batch, "S020").status == "RUNNING"
    assert Entry.objects.filter(step=inspection).count() == entered


@pytest.mark.ux("OP-22")
def test_wiping_the_tablet_does_nothing(new_screen: Open, olga: User, inspection: Step) -> None:
    screen = new_screen(olga)
    screen.page.clock.install()
    page = opened(screen, inspection)
    before = Event.objects.count()
    page.get_by_role("button", name="More").click()
    page.locator("[data-wipe]").click()
    tap_at_random(page, 200, seed=1)
    assert page.url.endswith(f"/steps/{inspection.id}/")
    expect(page.locator("#wipe")).to_be_visible()
    page.clock.run_for(31_000)
    expect(page.locator("#wipe")).to_be_hidden()
    assert Event.objects.count() == before


@pytest.mark.ux("OP-22")
def test_the_wipe_card_covers_keys_and_scans_too(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    screen.page.clock.install()
    page = screen.open("/states/number/").page
    scan(screen, "CMD:WIPE")
    expect(page.locator("#wipe")).to_be_visible()
    page.evaluate(HEARD)
    page.keyboard.type("4")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    for code in ("KX7-204-A", "USR:olga", "CMD:HELP"):
        scan(screen, code)
    expect(page.locator("#wipe")).to_be_visible()
    assert page.evaluate("window.heard") == []
    page.clock.run_for(31_000)
    expect(page.locator("#wipe")).to_be_hidden()
    expect(page.locator("[data-digits]")).to_be_empty()
    scan(screen, "CMD:WIPE")
    expect(page.locator("[data-wipe-left]")).to_have_text("30")


def test_a_command_card_presses_a_button_and_never_signs(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    page = screen.open("/states/complete/").page
    scan(screen, "CMD:PHOTO")
    expect(page.locator("#photo")).to_be_visible()
    page.locator("#photo [data-close]").first.click()
    scan(screen, "CMD:HELP")
    expect(page.locator("#call")).to_be_visible()
    page.locator("#call [data-close]").first.click()
    scan(screen, "CMD:OPEN")
    expect(page.locator(".flash")).to_contain_text("not a command card")
    screen.picture("attention")
    assert screen.violations(enhanced=True) == []
    page.get_by_role("button", name="I have seen it").click()
    expect(page.locator(".flash")).to_have_count(0)
    scan(screen, "CMD:NEXT")
    expect(page.locator("#sign")).to_be_visible()
    for _ in range(3):
        scan(screen, "CMD:NEXT")
    assert not Signature.objects.filter(meaning="performed").exists()


def test_the_same_label_read_twice_in_a_moment_is_one_scan(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    page = screen.open("/states/scan/").page
    page.evaluate(HEARD)
    page.evaluate("window.ticks = 0; document.addEventListener('scan-ignored', () => { window.ticks += 1; })")
    scan(screen, "KX7-204-A")
    scan(screen, "KX7-204-A")
    scan(screen, "KX7-204-B")
    assert page.evaluate("window.heard") == ["KX7-204-A", "KX7-204-B"]
    assert page.evaluate("window.ticks") == 1


def test_a_page_without_sound_says_so_until_it_is_touched(new_screen: Open, olga: User) -> None:
    page = new_screen(olga).open("/states/scan/").page
    expect(page.locator(".chip-silent")).to_be_visible()
    page.locator("#run").click(position={"x": 5, "y": 5})
    expect(page.locator(".chip-silent")).to_be_hidden()


@pytest.mark.ux("OP-23")
def test_a_monkey_signs_nothing_and_breaks_nothing(new_screen: Open, olga: User, is_thorough: bool) -> None:
    screen = new_screen(olga)
    screen.page.add_init_script(AT_HOME)
    for number, state in enumerate(CHANGES):
        tap_at_random(screen.open(f"/states/{state}/").page, 500 if is_thorough else 20, seed=number)
    assert not Signature.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.ux("OP-24")
def test_two_scans_a_second_apart_are_both_seen(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    screen.page.clock.install()
    page = screen.open("/states/scan/").page
    said = "words => import('/static/js/sheets.js').then(sheets => sheets.flash(words))"
    for words in ("The first bag", "The second bag"):
        page.evaluate(said, words)
        page.clock.run_for(1_000)
    page.clock.run_for(200)
    expect(page.locator(".flash")).to_have_text("The second bag")


def slow_down(page: Page, times: int) -> None:
    """As a tablet's processor is slower than a desk's."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def tap_at_random(page: Page, taps: int, *, seed: int) -> None:
    """Anywhere; who is led away comes back."""
    chance, home = random.Random(seed), page.url  # noqa: S311 - repeatable, not secret
    size: Any = page.viewport_size
    for _ in range(taps):
        page.mouse.click(chance.randrange(size["width"]), chance.randrange(size["height"]))
        if page.url != home:
            page.goto(home)


@pytest.mark.ux("A11Y-05")
def test_priorities_differ_without_their_colours(size: object) -> None:
    shown = [Template("{% alarm priority %}").render(Context({"priority": each.value})) for each in Priority]
    assert len(set(shown)) == len(Priority)
    labels = {text.partition('aria-label="')[2].partition('"')[0] for text in shown}
    assert len(labels) == len(Priority)
    assert "" not in labels


@pytest.mark.ux("AL-07")
def test_a_tablet_that_hears_of_no_alarm_says_so(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga, service_workers="block")
    screen.page.clock.install()
    screen.page.add_init_script(COUNT_TONES)
    screen.open("/")
    screen.page.mouse.click(5, 5)  # a browser is silent until somebody has touched the page
    screen.page.route("**/alarms/strip/**", lambda route: route.abort())
    for _ in range(4):
        screen.page.clock.run_for(5_000)
    expect(screen.page.locator(".alarm-silent")).to_contain_text("This tablet gets no alarms since")
    assert screen.page.evaluate("window.tones") > 0
