"""A passkey in a real browser: added, signed in with, signed with; and what is said when the authenticator says no."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from playwright.sync_api import CDPSession, expect
from pytest_django.live_server_helper import LiveServer

from mes.accounts.models import Passkey, PasskeyChallenge, Site, User
from mes.records.models import SecurityEvent, Signature
from qc_release.models import DispositionRecord
from tests.given import batches as given
from tests.given import qc_release as release
from tests.given.people import PASSWORD
from tests.pages.conftest import Screen
from tests.pages.test_operator import press

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]
KEY_ON_A_CORD = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

# The bar is gone after 1.2 s, however slow the machine is that looks for it.
HEAR_THE_BAR = """window.said = [];
new MutationObserver(changes => changes.forEach(({ addedNodes }) =>
  addedNodes.forEach(node => node.className === 'flash' && window.said.push(node.textContent))
)).observe(document.body, { childList: true });"""
OUT_OF_THE_SHEET = """() => [...document.querySelectorAll('#sign button, #sign input')]
  .filter(each => each.checkVisibility({ visibilityProperty: true }))
  .filter(each => { const box = each.getBoundingClientRect();
    return [[.5, .5], [.08, .1], [.92, .9]].some(([x, y]) => !each.contains(
      document.elementFromPoint(box.left + x * box.width, box.top + y * box.height))); })
  .map(each => each.id || each.textContent)"""
LOCK = """Promise.all([import('/static/js/api.js'), import('/static/js/lock.js')])
  .then(([{ post }, { lock }]) => post('/lock/', {}).then(() => lock()))"""
SAY = "words => import('/static/js/sheets.js').then(sheets => sheets.flash(words, 'signed', 600))"


@pytest.fixture(autouse=True)
def at_this_address(settings: LazySettings, live_server: LiveServer) -> None:
    settings.PASSKEY_ORIGINS = [live_server.url]


def plugged_in(screen: Screen) -> tuple[CDPSession, str]:
    """Chromium's virtual authenticator, at the screen's page."""
    devtools = screen.page.context.new_cdp_session(screen.page)
    devtools.send("WebAuthn.enable")
    answer = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY_ON_A_CORD})
    return devtools, answer["authenticatorId"]


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
@pytest.mark.req("R-044")
def test_one_key_is_added_signs_in_and_signs(new_screen: Open, olga: User, site: Site) -> None:
    batch = given.running_batch(site)
    step = given.prepared(given.started(batch, "S010"))
    screen = new_screen(olga).open("/me/")
    page = screen.page
    devtools, key = plugged_in(screen)
    page.get_by_label("Name of the passkey").fill("blue key")
    page.locator("#passkey-password").fill("not hers")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("[data-passkey-refusal]")).to_have_text("The password is not right.")
    page.locator("#passkey-password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Take off blue key")).to_be_visible()
    assert screen.violations() == []
    screen.picture("passkeys")

    page.context.clear_cookies()
    screen.open("/sign-in/")
    screen.picture("sign-in-passkey")
    page.get_by_role("button", name="Sign in with passkey").click()
    expect(page).to_have_url(f"{screen.address}/")
    assert SecurityEvent.objects.filter(kind="signed_in", user_id=olga.id, detail="passkey").exists()

    screen.open(f"/steps/{step.id}/").page.evaluate(HEAR_THE_BAR)
    page.get_by_role("button", name="Go on").click()
    press(screen, "Sign & next")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Use passkey").click()
    expect(page.locator("[data-sign-refusal]")).to_have_text("No passkey was used.")
    assert not Signature.objects.filter(subject_id=step.id).exists()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Use passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    assert [said for said in page.evaluate("window.said") if said.startswith("✓ Signed Olga Operator · Performed · ")]
    signature = Signature.objects.get(subject_id=step.id)
    assert (signature.signer_id, signature.full_credential) == (olga.id, True)
    given_by_her = SecurityEvent.objects.filter(kind="signature_given", user_id=olga.id)
    assert given_by_her.latest("at").detail == "passkey"

    screen.open("/me/").page.get_by_role("button", name="Take off blue key").click()
    expect(page.get_by_role("button", name="Take off blue key")).to_be_hidden()
    assert Passkey.objects.get().removed_at is not None


def with_a_key(screen: Screen) -> Screen:
    """Its person adds a passkey on their own page."""
    page = screen.open("/me/").page
    plugged_in(screen)
    page.get_by_label("Name of the passkey").fill("blue key")
    page.locator("#passkey-password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Take off blue key")).to_be_visible()
    return screen


@pytest.mark.req("R-044")
def test_a_desk_page_takes_it_from_whoever_has_one(new_screen: Open, sven: User, site: Site) -> None:
    batch = given.planned_batch(site)
    screen = new_screen(sven).open(f"/batches/{batch.id}/")
    expect(screen.page.get_by_role("button", name="Issue batch record")).to_be_visible()
    expect(screen.page.get_by_role("button", name="Use passkey")).to_have_count(0)
    with_a_key(screen).open(f"/batches/{batch.id}/")
    screen.picture("issue-passkey")
    assert screen.violations() == []
    screen.page.get_by_role("button", name="Use passkey").click()
    expect(screen.page.get_by_role("status")).to_contain_text("issued")
    signature = Signature.objects.get(subject_id=batch.id)
    assert (signature.signer_id, signature.meaning, signature.full_credential) == (sven.id, "issued", True)


def test_a_form_that_is_not_filled_in_asks_for_no_passkey(new_screen: Open, petra: User, site: Site) -> None:
    batch = release.reviewed_batch(site)
    screen = with_a_key(new_screen(petra)).open(f"/batches/{batch.id}/release/")
    screen.page.get_by_role("button", name="Use passkey").click()
    assert not PasskeyChallenge.objects.exists()
    screen.page.get_by_label("Quarantine").check()
    screen.page.get_by_label("Comment").fill("The courier is late.")
    screen.page.get_by_role("button", name="Use passkey").click()
    expect(screen.page.get_by_role("heading", name="Decisions and certificates")).to_be_visible()
    assert DispositionRecord.objects.get().decided_by == petra


@pytest.mark.req("R-030")
def test_it_opens_the_locked_tablet(new_screen: Open, olga: User, site: Site) -> None:
    step = given.started(given.running_batch(site), "S010")
    screen = with_a_key(new_screen(olga)).open(f"/steps/{step.id}/")
    screen.page.evaluate(LOCK)
    expect(screen.page.locator("#lock")).to_be_visible()
    screen.picture("lock-passkey")
    assert screen.violations(enhanced=True) == []
    assert screen.page.evaluate(OUT_OF_THE_SHEET.replace("#sign", "#lock")) == []
    screen.page.locator("#lock").get_by_role("button", name="Use passkey").click()
    expect(screen.page.locator("#lock")).to_be_hidden()
    assert SecurityEvent.objects.filter(kind="signed_in", user_id=olga.id, detail="passkey").exists()


@pytest.mark.ux("A11Y-02", "A11Y-03", "LAY-01")
@pytest.mark.parametrize("state", ["complete/", "complete_in_full/", "verify_in_full/", "verify_blind/"])
def test_the_sheet_offers_it_within_reach(new_screen: Open, olga: User, state: str) -> None:
    screen = new_screen(olga).open(f"/states/{state}")
    screen.page.locator("[data-primary]").click()
    button = screen.page.get_by_role("button", name="Use passkey")
    box = button.bounding_box()
    screen.picture(f"sign-{state.replace('/', '').replace('?', '-')}")
    assert box is not None
    assert min(box["width"], box["height"]) >= 64
    assert screen.page.evaluate(OUT_OF_THE_SHEET) == []
    assert screen.violations(enhanced=True) == []
    assert not screen.scrolls()


@pytest.mark.ux("A11Y-02", "LAY-01")
def test_the_bar_after_a_signature_fits(new_screen: Open, olga: User) -> None:
    screen = new_screen(olga).open("/states/complete/")
    screen.page.evaluate(SAY, "✓ Signed Olga Operator · Performed · 22 Nov 2026 10:42:09 CET")
    screen.picture("signed")
    assert screen.violations(enhanced=True) == []
    assert screen.hidden_controls() == []
    assert not screen.scrolls()
