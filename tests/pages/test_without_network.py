"""A tablet whose network goes away in the middle of a step: work goes on, nothing typed is lost, nothing is doubled."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.models import Batch, Entry
from mes.accounts.models import Site, User
from mes.accounts.services import choose_language
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given.people import persona
from tests.pages.conftest import SIZES, Screen
from tests.pages.test_operator import key_in, panel, press, scan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
KEPT = "() => navigator.serviceWorker.ready.then(() => caches.open('pages')).then(c => c.keys()).then(k => k.length)"
SENT = """async () => {
  const { waiting } = await import('/static/js/journal.js');
  while ((await waiting()).length) await new Promise(resolve => setTimeout(resolve, 100));
}"""
# The three steps after this one; this one too once it is loaded again.
ALL_KEPT = """async () => {
  const pages = await caches.open('pages');
  while ((await pages.keys()).length < 3) await new Promise(resolve => setTimeout(resolve, 100));
}"""
# Until the worker has kept the page without network in this language.
SPOKEN = """async language => {
  const spoken = () => caches.match('/no-network/').then(page => page?.headers.get('Content-Language'));
  await navigator.serviceWorker.ready;
  while (await spoken() !== language) await new Promise(resolve => setTimeout(resolve, 100));
}"""
FULL = "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }"
# Only what the server answers finds no room, until `room` is told.
NO_ROOM = """(() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...row) {
    if (this.name === 'answers' && !window.room) throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, row);
  };
})()"""
STEP = """
          - id: S025
            kind: entry
            title: Read the display
            text: Read both values.
            entries:
              - {id: first, name: First, unit: mL, precision: 1}
              - {id: second, name: Second, unit: uL, precision: 1}
            signature: performed
"""


@pytest.fixture
def batch(site: Site) -> Batch:
    source = given.short_with(STEP)
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
    expect(page.locator("#run [data-status]")).to_contain_text("1 on this tablet: First 120 mL")

    page.reload()
    expect(page.locator("#run .reading-label")).to_have_text("Second")
    expect(page.locator("#run [data-status]")).to_contain_text("The page is of")
    expect(page.locator("#run [data-kept]")).to_have_text("First 120 mL · On this tablet")
    expect(page.locator("#run [data-to-do]:visible")).to_have_count(0)
    screen.picture("run-without-network-kept")
    assert not screen.scrolls()
    assert screen.hidden_controls() == []
    key_in(screen, "80")
    press(screen, "Record value")
    expect(page.get_by_role("heading", name="Go on when the network is back")).to_be_visible()
    expect(page.locator("#run [data-kept]")).to_have_text(
        ["First 120 mL · On this tablet", "Second 80 µL · On this tablet"]
    )
    screen.picture("run-without-network")
    assert screen.violations(enhanced=True) == []

    # Chromium takes a page that ends, or begins, out of what it emulates for a moment: nothing is sent then either.
    page.context.route("**/api/**", lambda route: route.abort())
    page.goto("about:blank")
    again = page.context.new_page()
    page.close()
    screen.page = again
    again.goto(f"{screen.address}/steps/{step.id}/")
    expect(again.locator("#run [data-status]")).to_contain_text("2 on this tablet")
    assert not Entry.objects.filter(step=step).exists()

    again.context.unroute("**/api/**")
    again.context.set_offline(False)
    panel(screen, "complete")
    found = Entry.objects.filter(step=step).order_by("at").values_list("name", "value")
    assert list(found) == [("first", "120"), ("second", "80")]
    assert not Entry.objects.filter(step=step, device_at=None).exists()


def kept(screen: Screen) -> None:
    """The worker has the page of the step and those of the next ones."""
    screen.page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.page.reload()
    screen.page.wait_for_load_state("networkidle")


def enter(screen: Screen, value: str, asked_next: str) -> None:
    key_in(screen, value)
    press(screen, "Record value")
    expect(screen.page.locator("#run .reading-label")).to_have_text(asked_next)


def test_two_values_for_one_reading_are_shown_side_by_side_and_a_person_decides(
    new_screen: Open, batch: Batch, olga: User, site: Site
) -> None:
    """What was recorded after the first conflict waits for the answer to it, after a reload too."""
    step = given.step(batch, "S025")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    kept(screen)
    screen.page.context.set_offline(True)
    enter(screen, "120", "Second")
    key_in(screen, "80")
    press(screen, "Record value")
    expect(screen.page.locator("#run [data-status]")).to_contain_text("2 on this tablet")
    screen.open("/no-network/")

    other = new_screen(persona(site, "vera")).open(f"/steps/{step.id}/")
    press(other, "Take over")
    enter(other, "119", "Second")
    services.record_entry(actor=persona(site, "vera"), step=step, name="second", value="79", unit="uL")

    screen.page.context.set_offline(False)
    conflict = screen.page.locator("#conflict")
    for _ in range(2):
        screen.open(f"/steps/{step.id}/")
        for words in ("· First", "120 mL", "119 mL", "Vera Verifier", "1 more of this batch on this tablet"):
            expect(conflict).to_contain_text(words)
    screen.picture("run-conflict")
    assert screen.violations(enhanced=True) == []
    conflict.get_by_role("button", name="Keep the record").click()
    expect(conflict).to_contain_text("79 µL")
    conflict.get_by_role("button", name="Correct it to mine").click()
    expect(conflict.get_by_role("alert")).to_have_text("Say why your value is the right one.")
    assert screen.hidden_controls("#conflict") == []
    conflict.get_by_role("button", name="Measured again").click()
    conflict.get_by_role("button", name="Correct it to mine").click()
    panel(screen, "taken")
    press(screen, "Take over")
    panel(screen, "complete")
    screen.open(f"/steps/{step.id}/")
    expect(conflict).to_be_hidden()
    found = Entry.objects.filter(step=step).order_by("name", "at").values_list("value", "by__username", "reason")
    assert list(found) == [("119", "vera", ""), ("79", "vera", ""), ("80", "olga", "Measured again")]


@pytest.fixture
def unsigned(site: Site) -> Batch:
    """A batch whose first step, the scan of the bag, nobody signs; for six minutes it goes on without network."""
    signed = "text: Scan the label of the bag., signature: performed"
    source = given.SHORT.replace(signed, "text: Scan the label of the bag.")
    source = source.replace("  change: First", "  offline: {minutes: 6, steps: 3}\n  change: First", 1)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.started(batch, "S010")
    return batch


@pytest.mark.ux("OP-09", "OP-10")
def test_the_bag_is_scanned_and_the_next_step_begun_as_long_as_the_recipe_allows(
    new_screen: Open, unsigned: Batch, olga: User
) -> None:
    bag, step = identity_given.bag_of(unsigned.order), given.step(unsigned, "S010")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    page.evaluate(ALL_KEPT)
    kept(screen)
    page.context.set_offline(True)
    expect(page.locator("[data-connection]")).to_contain_text("Offline 00:")

    scan(screen, bag.label)
    expect(page.locator(".flash")).to_contain_text("belongs to this batch")
    press(screen, "Done – next step")
    press(screen, "Next step")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")
    screen.picture("run-offline-start")
    press(screen, "Start step")
    page.locator("[role=radio]", has_text="Yes").click()
    press(screen, "Record answer")
    expect(page.locator("#run .reading-label")).to_have_text("Appearance")
    page.reload()
    expect(page.locator("#run .reading-label")).to_have_text("Appearance")
    expect(page.locator("#run [data-status]")).to_contain_text(
        "4 on this tablet: … end of the step, start of the step, Bag intact Yes"
    )
    screen.picture("run-offline-value")
    assert screen.violations(enhanced=True) == []
    assert not screen.scrolls()

    page.evaluate("Date.now = (now => () => now() + 90_000)(Date.now)")
    expect(page.locator("[data-connection]")).to_contain_text("left")
    page.evaluate("Date.now = (now => () => now() + 300_000)(Date.now)")
    expect(page.locator("[data-connection]")).to_contain_text("call the supervisor")
    page.locator("[role=radio]", has_text="homogeneous").click()
    press(screen, "Record answer")
    expect(page.locator(".flash")).to_contain_text("Without network for too long: call the supervisor.")
    screen.picture("run-offline-used-up")

    page.context.set_offline(False)
    expect(page.locator("[data-connection]")).not_to_contain_text("Offline")
    page.evaluate(SENT)
    assert given.step(unsigned, "S010").status == "COMPLETE"
    assert list(given.step(unsigned, "S010").scans.values_list("label", flat=True)) == [bag.label]
    values = Entry.objects.filter(step__batch=unsigned).values_list("step__key", "name", "value")
    assert list(values) == [("S020", "bag_intact", "yes")]


@pytest.mark.req("R-126")
def test_a_wrong_bag_stops_at_once_and_the_batch_when_the_network_is_back(
    new_screen: Open, unsigned: Batch, olga: User, site: Site
) -> None:
    wrong = identity_given.bag_of(identity_given.received_order(site))
    screen = new_screen(olga).open(f"/steps/{given.step(unsigned, 'S010').id}/")
    page = screen.page
    kept(screen)
    page.context.set_offline(True)
    expect(page.locator("[data-connection]")).to_contain_text("Offline")
    scan(screen, wrong.label)
    expect(page.get_by_role("alertdialog")).to_contain_text("the batch is held when the network is back")
    page.get_by_role("button", name="I have put the wrong bag aside").click()
    expect(page.get_by_role("heading", name="Wrong bag: stopped")).to_be_visible()
    screen.picture("run-offline-stopped")
    assert screen.violations(enhanced=True) == []
    scan(screen, identity_given.bag_of(unsigned.order).label)
    expect(page.get_by_role("heading", name="Wrong bag: stopped")).to_be_visible()

    page.context.set_offline(False)
    panel(screen, "held")
    assert page.get_by_role("alertdialog").is_hidden()
    assert given.fresh(unsigned).status == "HELD"
    assert given.step(unsigned, "S010").exceptions.filter(kind="wrong_bag", severity="critical").count() == 1
    assert not given.step(unsigned, "S010").scans.exists()


@pytest.mark.req("R-126")
def test_who_comes_back_without_network_scans_again_and_goes_on_with_what_was_typed(
    new_screen: Open, unsigned: Batch, olga: User
) -> None:
    step = given.started(unsigned, "S020")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=step, name=name, value=value)
    screen = new_screen(olga)
    page = screen.page
    page.clock.install()
    screen.open(f"/steps/{step.id}/")
    key_in(screen, "12")
    page.context.set_offline(True)
    page.clock.run_for(5 * 60_000 + 20_000)
    expect(page.locator("[data-connection]")).to_contain_text("Offline")
    page.mouse.click(5, 200)
    page.clock.run_for(1_000)
    expect(page.locator("#run")).to_have_attribute("data-act", "again")
    scan(screen, identity_given.bag_of(unsigned.order).label)
    expect(page.locator("#run")).to_have_attribute("data-act", "entry:volume")
    expect(page.locator("#run [data-digits]").first).to_have_text("12")
    page.keyboard.press("0")
    press(screen, "Record value")
    expect(page.locator("#run")).to_have_attribute("data-act", "entry:concentration")

    page.context.set_offline(False)
    page.clock.run_for(10_000)
    page.evaluate(SENT)
    assert Entry.objects.filter(step=step, name="volume").get().value == "120"
    assert step.scans.count() == 1


def test_a_tablet_without_room_says_that_nothing_was_recorded(new_screen: Open, batch: Batch, olga: User) -> None:
    screen = new_screen(olga)
    screen.page.add_init_script(FULL)
    step = given.step(batch, "S025")
    screen.open(f"/steps/{step.id}/")
    key_in(screen, "120")
    press(screen, "Record value")
    expect(screen.page.locator(".flash")).to_contain_text("no room to keep it: nothing was recorded")
    expect(screen.page.locator("#run [data-digits]").first).to_have_text("120")
    assert not Entry.objects.filter(step=step).exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This tablet is full: use another one, call the engineer. Nothing recorded is lost"),
        ("de", "Dieses Tablet ist voll"),
        ("fr", "Cette tablette est pleine"),
    ],
)
def test_a_tablet_without_room_for_an_answer_says_so_and_asks_again(
    new_screen: Open, batch: Batch, olga: User, language: str, words: str
) -> None:
    choose_language(actor=olga, user=olga, language=language)
    screen = new_screen(olga)
    screen.page.add_init_script(NO_ROOM)
    step = given.step(batch, "S025")
    status = screen.open(f"/steps/{step.id}/").page.locator("#run [data-status]")
    key_in(screen, "120")
    screen.page.locator("[data-primary]").click()
    expect(status).to_contain_text(words)
    expect(status).to_contain_text("First 120 mL")
    screen.page.reload()
    expect(status).to_contain_text(words)
    assert not screen.page.locator("[data-connection]").is_visible()
    for width, height in SIZES.values():
        screen.page.set_viewport_size({"width": width, "height": height})
        assert [*screen.hidden_controls(), *["scrolls"] * screen.scrolls()] == []
        screen.picture(f"run-full-{language}")

    screen.page.evaluate("window.room = true")
    screen.page.evaluate(SENT)
    expect(status).not_to_contain_text(words)
    assert Entry.objects.get(step=step).value == "120"


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
    screen.page.evaluate(ALL_KEPT)
    screen.page.get_by_role("button", name="More").click()
    screen.page.locator("[data-leave]").click()
    screen.page.wait_for_url("**/sign-in/**")
    assert screen.page.evaluate(KEPT) == 0


def test_the_page_without_network_speaks_as_its_person(new_screen: Open, olga: User) -> None:
    """It was kept in English, before she chose German."""
    screen = new_screen(olga).open("/")
    screen.page.evaluate(SPOKEN, "en")
    choose_language(actor=olga, user=olga, language="de")
    screen.open("/").page.evaluate(SPOKEN, "de")
    screen.page.context.set_offline(True)
    screen.open("/batches/")
    expect(screen.page.get_by_role("heading", name="Dieses Tablet hat kein Netz")).to_be_visible()
