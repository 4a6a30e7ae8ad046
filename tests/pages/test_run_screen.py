"""The run screen in every state: nothing scrolls, every target can be hit, everybody can read it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from batches import run_page
from mes.accounts.models import User
from mes.accounts.services import choose_language
from tests.pages.conftest import Screen
from tests.pages.run_parts import LOT, USED
from tests.pages.run_states import CHANGES, state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]

Open = Callable[..., Screen]
SHEETS = (
    "sign",
    "deviation",
    "correct",
    "restart",
    "hold",
    "more",
    "photo",
    "call",
    "hand-over",
    "taker",
    "help",
    "conflict",
    "refused",
    "lock",
    "wipe",
    "unread",
    "camera",
    "left-out",
    "earlier",
)
SHEET_OF_A_STATE = {"unread": "scan", "left-out": "number", "earlier": "number"}  # the others are on every step
SIZES = """() => [...document.querySelectorAll('button, a, input, textarea')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches('.skip-link'))
  .map(e => { const r = e.getBoundingClientRect(); return [e.textContent.trim().slice(0, 30), r.width, r.height]; })"""
PRIMARY = """() => [...document.querySelectorAll('.run-primary')].find(e => e.checkVisibility()).offsetHeight"""
BANNER = "document.querySelector('.identity-banner').offsetHeight"
TEXT = """() => Math.min(...[...document.querySelectorAll('main *, .identity-banner *')]
  .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""

WITHIN = """all => all.every(e => {
  const r = e.getBoundingClientRect(), p = e.closest('.run-pad').getBoundingClientRect();
  return r.top >= p.top && r.bottom <= p.bottom && r.left >= p.left && r.right <= p.right + 1 })"""
WHOLE = """e => { const r = e.getBoundingClientRect(); return [r.left + 4, r.right - 4]
  .every(x => document.elementFromPoint(x, (r.top + r.bottom) / 2) === e); }"""
SILENT = """() => { const words = Object.assign(document.createElement('p'), { className: 'alarm-silent',
  textContent: 'This tablet gets no alarms since 10:42:07. Watch the room display.' });
  document.querySelector('[data-alarms]').prepend(words); }"""
PUT = """async act => {
  const { put } = await import('/static/js/apart.js');
  put(document.querySelector(`#run template[data-act="${act}"]`));
  document.querySelector('[data-longest]')?.remove();
  const chip = document.querySelector('[data-connection]'), longest = chip.cloneNode(true);
  Object.assign(longest.dataset, { longest: '', apart: '', wrong: '' });
  longest.removeAttribute('data-connection');
  longest.hidden = false;
  longest.querySelector('span').textContent = 'Offline 10:42 · 04:18 left · Clock 12 min slow';
  chip.before(longest);
}"""


@pytest.mark.ux("A11Y-01", "A11Y-02", "A11Y-03", "A11Y-07", "LAY-01", "LAY-02", "PERF-07")
def test_every_state_fits_and_can_be_used(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    found: dict[str, Any] = {}
    for name in CHANGES:
        screen.open(f"/states/{name}/")
        problems = screen.shifts()  # before axe, which may keep the page busy until it believes that its server is away
        small = [each for each in screen.page.evaluate(SIZES) if min(each[1:]) < 48]
        problems += [*screen.violations(enhanced=True), *screen.hidden_controls(), *small]
        problems += ["scrolls"] if screen.scrolls() else []
        if _smallest(screen) < 20:
            problems.append("text under 20 px")
        if screen.page.evaluate(PRIMARY) < 96:
            problems.append("small primary button")
        found[name] = problems
        screen.picture(f"run-{name}")
        with screen.on_the_other_tablet():
            problems += [f"{each}, on the other tablet" for each in screen.hidden_controls()]
            problems += ["scrolls on the other tablet"] if screen.scrolls() else []
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.ux("LAY-01")
def test_every_state_fits_in_longer_words(new_screen: Open, olga: User, is_thorough: bool) -> None:
    """German has the longest; `make ux` looks at French, too."""
    screen = new_screen(olga)
    found: dict[tuple[str, str], list[str]] = {}
    for language in ("de", "fr") if is_thorough else ("de",):
        choose_language(actor=olga, user=olga, language=language)
        for name in CHANGES:
            screen.open(f"/states/{name}/")
            found[language, name] = [*screen.hidden_controls(), *(["scrolls"] if screen.scrolls() else [])]
    assert {state: problems for state, problems in found.items() if problems} == {}


@pytest.mark.ux("LAY-01")
def test_a_tablet_that_hears_of_no_alarm_has_room_to_say_so(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    found: dict[str, list[str]] = {}
    for name in ("number", "last_number", "text", "choice", "material", "transfer", "out_of_limit"):
        screen.open(f"/states/{name}/").page.evaluate(SILENT)
        found[name] = [*screen.hidden_controls(), *(["scrolls"] if screen.scrolls() else [])]
        screen.picture(f"run-silent-{name}")
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.ux("LAY-01")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "{} of {} recorded"), ("de", "{} von {} erfasst"), ("fr", "{} sur {} enregistrés")]
)
def test_how_many_values_are_recorded_is_said_however_the_tablet_is_held(
    new_screen: Open, olga: User, language: str, words: str
) -> None:
    """Held upright the lines of what is recorded have no room beside a label, a long text or a timer."""
    choose_language(actor=olga, user=olga, language=language)
    screen = new_screen(olga)
    for name, counted in {
        "many": (5, 6),
        "many_in_time": (3, 5),
        "number_with_photos": (1, 3),
        "material": (1, 2),
    }.items():
        screen.open(f"/states/{name}/")
        assert _seen_whole(screen, words.format(*counted)), name
        assert not screen.scrolls(), name
        with screen.on_the_other_tablet():
            assert _seen_whole(screen, words.format(*counted)), f"{name}, on the other tablet"


@pytest.mark.ux("LAY-01")
@pytest.mark.parametrize("language", ["de", "fr"])
def test_all_that_a_step_needs_is_in_sight_or_counted_before_it_begins(
    new_screen: Open, olga: User, language: str
) -> None:
    """Set-points and needs stand in one panel; how it is signed was cut off."""
    choose_language(actor=olga, user=olga, language=language)
    screen = new_screen(olga)
    for name in ("programme_to_start", "hold_to_start", "instruction"):
        needs = screen.open(f"/states/{name}/").page.locator(".run-pad .checks li")
        assert needs.evaluate_all(WITHIN), name
        screen.picture(f"run-{name}")
        with screen.on_the_other_tablet():
            assert needs.evaluate_all(WITHIN), f"{name}, on the other tablet"


def test_lots_and_values_without_room_are_counted() -> None:
    step = state("programme_to_start") | {"materials": [LOT, LOT]}
    for command, counted in ((step["command"], (0, 0, 6)), (None, (2, 4, 0))):
        shown = run_page.screen(step | {"command": command}, full_credential=False, may_command=False)
        assert (len(shown["needs_lots"]), len(shown["needs_values"]), shown["needs_more"]) == counted


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_every_lot_that_is_signed_is_on_the_sheet_and_no_line_is_cut_off_without_a_word(
    new_screen: Open, olga: User
) -> None:
    sheet = new_screen(olga).open("/states/material/").page.locator("#sign")
    expect(sheet.locator(".checks li", has_text="TEXMACS TX-2601")).to_have_count(1)
    step = state("material") | {"materials": [USED] * 5, "acts": ["complete"]}
    shown = run_page.screen(step, full_credential=False, may_command=False)
    assert (len(shown["lots"]), shown["lots_before"]) == (3, 2)
    shown = run_page.screen(
        step | {"acts": ["material"], "materials": [USED, USED, LOT]}, full_credential=False, may_command=False
    )
    assert (len(shown["lots"]), shown["lots_before"]) == (1, 1)


def _seen_whole(screen: Screen, words: str) -> bool:
    """Nothing lies over these words and no edge cuts them off."""
    return bool(screen.page.locator(".run-title").get_by_text(words, exact=True).evaluate(WHOLE))


@pytest.mark.ux("LAY-01")
def test_the_steps_beside_this_one_are_under_more_which_does_not_scroll(new_screen: Open, olga: User) -> None:
    choose_language(actor=olga, user=olga, language="de")
    screen = new_screen(olga).open("/states/beside_others/")
    screen.page.evaluate("document.getElementById('more').showModal()")
    sheet = screen.page.locator("#more .sheet-list")
    expect(sheet.get_by_role("link", name="Daneben: Take the sample for the sterility test")).to_have_count(2)
    assert sheet.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth")
    screen.picture("sheet-more-beside")


@pytest.mark.ux("A11Y-02")
def test_every_sheet_fits_and_can_be_used(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga)
    found: dict[str, Any] = {}
    for sheet in SHEETS:
        screen.open(f"/states/{SHEET_OF_A_STATE.get(sheet, 'complete')}/")
        screen.page.evaluate("id => document.getElementById(id).showModal()", sheet)
        controls = screen.page.locator(f"#{sheet}").locator("button:visible, a:visible, input:visible").all()
        screen.picture(f"sheet-{sheet}")
        found[sheet] = [
            *screen.violations(enhanced=True),
            *(each.inner_text() for each in controls if not each.is_visible() or each.bounding_box() is None),
        ]
        screen.page.evaluate("id => document.getElementById(id).close()", sheet)
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.ux("A11Y-01", "A11Y-02", "A11Y-03", "LAY-01")
def test_every_panel_without_network_fits_and_can_be_used(new_screen: Open, olga: User) -> None:
    """With the longest chip on the banner."""
    screen = new_screen(olga)
    found: dict[str, Any] = {}
    for name in ("offline", "offline_signed"):
        screen.open(f"/states/{name}/")
        for act in screen.page.locator("#run template[data-act]").evaluate_all("all => all.map(e => e.dataset.act)"):
            screen.page.evaluate(PUT, act)
            problems = [*screen.violations(enhanced=True), *screen.hidden_controls()]
            problems += ["scrolls"] * screen.scrolls() + ["text under 20 px"] * (_smallest(screen) < 20)
            problems += ["another banner"] * (screen.page.evaluate(BANNER) not in (76, 152))
            found[act] = problems
            screen.picture(f"run-apart-{act.replace(':', '-')}")
    assert {"start", "scan", "entry:density", "complete", "done", "sign", "stopped"} <= found.keys()
    assert {act: problems for act, problems in found.items() if problems} == {}


def _smallest(screen: Screen) -> float:
    return float(screen.page.evaluate(TEXT))


@pytest.mark.req("R-044")
@pytest.mark.ux("OP-06", "OP-08")
def test_typing_towards_a_value_never_alarms(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/number/")
    for key in "3.1":
        screen.page.locator(f"#run [data-key='{key}']").first.click()
    assert screen.page.locator("[data-digits]").inner_text() == "3.1"
    assert screen.page.get_by_role("alert").count() == 0
    assert "Saved" not in screen.page.locator("[data-status]").inner_text()


def test_a_long_number_is_read_in_threes_and_recorded_without_spaces(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/number/")
    screen.page.keyboard.type("15000000.5")
    groups = screen.page.locator("[data-digits] span").all_inner_texts()
    assert groups == ["15", "000", "000.5"]
    assert screen.page.locator("[data-digits]").evaluate("each => each.textContent") == "15000000.5"
    screen.page.keyboard.press("Backspace")
    screen.page.reload()
    assert screen.page.locator("[data-digits]").evaluate("each => each.textContent") == "15000000."


@pytest.mark.ux("OP-14")
def test_a_draft_survives_a_reload(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/number/")
    screen.page.keyboard.type("2.1")
    screen.page.reload()
    assert screen.page.locator("[data-digits]").inner_text() == "2.1"


def test_words_and_volumes_survive_a_reload_too(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/text/")
    screen.page.fill("[data-said]", "Two clumps / one clot")
    screen.page.reload()
    assert screen.page.input_value("[data-said]") == "Two clumps / one clot"
    screen.open("/states/transfer/").page.keyboard.type("60.5")
    screen.page.locator("[data-volume]").nth(1).click()
    screen.page.keyboard.type("40")
    assert "Not recorded yet" in screen.page.locator("[data-status]").inner_text()
    screen.page.reload()
    assert screen.page.locator("[data-volume-value]").all_inner_texts()[:2] == ["60.5", "40"]


def test_a_button_that_cannot_act_says_what_is_missing(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/scan/")
    button = screen.page.locator("[data-primary]")
    assert button.get_attribute("aria-disabled") == "true"
    button.click(force=True)  # aria-disabled: a finger can still press it
    assert "Scan the label first" in screen.page.locator(".flash").inner_text()


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_a_ring_that_has_not_begun_is_empty_and_says_how_long_it_will_be(new_screen: Open, olga: User) -> None:
    ring = new_screen(olga).open("/states/hold_to_start/").page.locator("#run [data-ring]")
    expect(ring).to_contain_text("48 h")
    assert ring.locator(".gone").evaluate("e => getComputedStyle(e).strokeDasharray").startswith("0")


@pytest.mark.ux("OP-02")
def test_a_scan_works_with_nothing_focused_and_is_ignored_under_a_sheet(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/scan/")
    screen.page.evaluate("window.scans = []; document.addEventListener('scan', e => window.scans.push(e.detail.code))")
    screen.page.keyboard.type("~KX7-204-A", delay=8)
    screen.page.keyboard.press("Enter")
    screen.page.keyboard.type("typed by hand", delay=8)
    screen.page.keyboard.press("Enter")
    screen.page.evaluate("document.getElementById('more').showModal()")
    screen.page.keyboard.type("~OTHER", delay=8)
    screen.page.keyboard.press("Enter")
    assert screen.page.evaluate("window.scans") == ["KX7-204-A"]


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_a_badge_that_nothing_asked_for_is_answered(new_screen: Open, olga: User) -> None:
    page = new_screen(olga).open("/states/number/").page
    page.keyboard.type("~USR:B-vera", delay=8)
    page.keyboard.press("Enter")
    words = "You work as Olga Operator. To change the person press More, then Hand over."
    expect(page.locator(".flash")).to_contain_text(words)


@pytest.mark.ux("OP-05")
def test_the_stop_page_shows_the_differing_characters_and_waits_for_its_button(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/scan/")
    stop = """([expected, scanned]) => import('/static/js/sheets.js').then(m => m.stop({expected, scanned}))"""
    screen.page.evaluate(stop, ["KX7-204-A", "KX9-204-A"])
    page = screen.page.get_by_role("alertdialog")
    assert page.locator("mark").all_inner_texts() == ["9"]
    screen.picture("run-stop")
    assert screen.page.evaluate("document.activeElement.matches('[data-stop-answer]')")
    screen.page.keyboard.press("Escape")
    assert page.is_visible()
    assert screen.violations(enhanced=True) == []


def test_the_first_signature_asks_for_the_password_and_later_ones_for_the_pin(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/complete/?full")
    screen.page.locator("[data-primary]").click()
    expect(screen.page.locator("#sign-password")).to_be_visible()
    screen.open("/states/complete/").page.locator("[data-primary]").click()
    expect(screen.page.locator("#sign [data-dots]")).to_be_visible()
    assert not screen.page.locator("#sign-password").is_visible()


@pytest.mark.req("R-051")
@pytest.mark.ux("OP-16")
def test_a_blind_second_person_does_not_get_the_first_value(new_screen: Open, vera: User) -> None:
    screen = new_screen(vera).open("/states/verify_blind/")
    assert "2.1" not in screen.page.content()
