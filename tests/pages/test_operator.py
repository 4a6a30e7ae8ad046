"""The operator's part of a batch, done with fingers and a scanner in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.models import Batch, Deviation, Entry
from chain_of_identity.models import Container
from mes.accounts.models import Site, User
from mes.accounts.services import choose_language
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people
from tests.given.people import PASSWORD, PIN
from tests.pages.conftest import Screen

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]


def scan(screen: Screen, code: str) -> None:
    """What a wedge scanner types, with nothing focused."""
    screen.page.keyboard.type(f"~{code}", delay=5)
    screen.page.keyboard.press("Enter")


def press(screen: Screen, words: str) -> None:
    """A tap the tap guard lets through, on a page whose scripts are there."""
    screen.page.wait_for_load_state()
    screen.page.wait_for_selector("html:not([data-tapped])")
    screen.page.locator("#run").get_by_role("button", name=words, exact=True).first.click()


def key_in(screen: Screen, number: str) -> None:
    """Looks at the display as a person does: the same key twice in a moment counts once."""
    display = screen.page.locator("#run [data-digits]:visible")
    for end, key in enumerate(number, start=1):
        for _ in range(10):
            if display.inner_text() == number[:end]:
                break
            screen.page.locator(f"#run .run-pad [data-key='{key}']:visible").click()
        expect(display).to_have_text(number[:end])


def panel(screen: Screen, name: str) -> None:
    expect(screen.page.locator(f"#run[data-panel={name}]")).to_be_visible()


def sign_with_password(screen: Screen) -> None:
    press(screen, "Sign & next")
    screen.page.fill("#sign-password", PASSWORD)
    screen.page.locator("[data-sign-now]").click()


def sign_with_pin(screen: Screen) -> None:
    press(screen, "Sign & next")
    screen.picture("film-6-signature")
    for digit in PIN:
        screen.page.locator(f"#sign [data-key='{digit}']").click()


def approve_deviation(batch: Batch, sven: User, quinn: User) -> None:
    """What stopped the batch is looked into by one person and approved by another."""
    deviation = Deviation.objects.get(batch=batch)
    words = "Another patient's bag lay beside this one."
    findings = {"investigation": words, "impact": "None.", "other_batches": "None.", "conclusion": words}
    deviation = services.investigate(actor=sven, deviation=deviation, **findings)
    signer = people.signer(quinn, "approved", site=batch.site)
    services.approve_deviation(actor=quinn, deviation=deviation, signer=signer)


def restart(screen: Screen, batch: Batch) -> None:
    """Sven's tablet."""
    screen.open(f"/batches/{batch.id}/run/")
    press(screen, "Restart batch")
    screen.page.fill("#restart-words", "The other bag is back in its place.")
    screen.page.locator("[data-restart-now]").click()
    screen.page.fill("#sign-password", PASSWORD)
    screen.page.locator("[data-sign-now]").click()
    expect(screen.page.locator("#sign")).to_be_hidden()
    given.ticked(batch)


@pytest.mark.ux("OP-05", "OP-06", "OP-08")
def test_a_bag_is_identified_and_inspected(new_screen: Open, olga: User, sven: User, quinn: User, site: Site) -> None:
    batch = given.running_batch(site)
    right = Container.objects.filter(order=batch.order_id).first()
    wrong = Container.objects.filter(order=identity_given.received_order(site)).first()
    assert right is not None
    assert wrong is not None

    screen = new_screen(olga).open("/")
    screen.page.locator(".task-next .button").click()
    press(screen, "Start step")
    panel(screen, "scan")
    scan(screen, wrong.label)
    stop = screen.page.get_by_role("alertdialog")
    expect(stop).to_be_visible()
    screen.picture("film-wrong-bag")
    assert screen.violations(enhanced=True) == []
    stop.get_by_role("button").click()
    panel(screen, "held")
    approve_deviation(batch, sven, quinn)
    restart(new_screen(sven), batch)

    panel(screen, "scan")
    screen.picture("film-1-scan")
    scan(screen, right.label)
    panel(screen, "complete")
    screen.picture("film-2-right-bag")
    sign_with_password(screen)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Inspect the bag")

    press(screen, "Start step")
    panel(screen, "entry")
    screen.picture("film-3-answer")
    for choice in ("Yes", "homogeneous"):
        screen.page.locator("[role=radio]", has_text=choice).click()
        press(screen, "Record answer")
        expect(screen.page.locator("[role=radio]", has_text=choice)).to_have_count(0)
    key_in(screen, "120.0")
    assert "Saved" not in screen.page.locator("[data-status]").inner_text()
    press(screen, "Record value")
    expect(screen.page.locator("[data-name=concentration]")).to_be_visible()
    key_in(screen, "2000000")
    screen.picture("film-4-value")
    press(screen, "Record value")
    expect(screen.page.locator("[data-name=viability]")).to_be_visible()
    key_in(screen, "8.5")
    press(screen, "Record & sign")
    panel(screen, "deviation")
    press(screen, "Delete and re-enter")
    key_in(screen, "65")
    press(screen, "Record value")
    expect(screen.page.locator(".out")).to_contain_text("65")
    screen.picture("film-5-out-of-limit")
    press(screen, "Record deviation")
    screen.page.locator("[data-deviation]").first.click()
    screen.page.locator("[data-deviation-now]").click()
    panel(screen, "complete")
    sign_with_pin(screen)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Clear the line")

    values = Entry.objects.filter(step__batch=batch, name="viability").order_by("at")
    assert [each.value for each in values] == ["8.5", "65"]
    assert Deviation.objects.filter(batch=batch, step__key="S020").count() == 1


@pytest.mark.parametrize("size", [(1280, 800)])
def test_a_screen_that_is_behind_catches_up(new_screen: Open, olga: User, site: Site) -> None:
    """What was asked for is done already, at another tablet: the screen shows what comes next."""
    batch = given.done_before(given.running_batch(site), "S020")
    screen = new_screen(olga).open(f"/steps/{given.step(batch, 'S020').id}/")
    press(screen, "Start step")
    panel(screen, "entry")
    press(screen, "Record answer")
    expect(screen.page.locator(".flash")).to_contain_text("first.")
    screen.page.locator("[role=radio]", has_text="Yes").click()
    press(screen, "Record answer")
    expect(screen.page.locator(".flash")).to_have_count(0)  # what was missing is there: nothing lies over the work

    step = given.step(given.done_before(given.running_batch(site), "S030"), "S030")
    screen.open(f"/steps/{step.id}/")
    services.start_step(actor=olga, step=step)
    press(screen, "Start step")
    panel(screen, "unit")


@pytest.mark.parametrize("size", [(1280, 800)])
@pytest.mark.req("R-002", "R-003", "R-004")
@pytest.mark.ux("OP-17")
def test_any_value_of_the_step_is_corrected_with_a_reason(new_screen: Open, olga: User, site: Site) -> None:
    step = given.started(given.running_batch(site), "S020")
    given.prepared(step)
    screen = new_screen(olga).open(f"/steps/{step.id}/")

    def correct(value: str, reason: str) -> None:
        press(screen, "More")
        screen.page.get_by_role("button", name="Correct a value").click()
        label = screen.page.locator("#correct-which option", has_text="iability").get_attribute("value")
        screen.page.select_option("#correct-which", label)
        screen.page.fill("#correct-value", value)
        if reason:
            screen.page.locator("[data-slip]", has_text=reason).click()
        screen.page.locator("[data-correct-now]").click()

    correct("91", "")
    expect(screen.page.locator("[data-correct-refusal]")).to_have_text("Say why it is corrected.")
    assert screen.violations(enhanced=True) == []
    screen.page.locator("#correct [data-close]").click()
    correct("91", "Read wrong")
    expect(screen.page.locator(".checks .struck")).to_have_count(1)
    sign_with_password(screen)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Clear the line")

    screen.open(f"/steps/{step.id}/")
    panel(screen, "done")
    correct("92", "Measured again")
    for digit in PIN:
        screen.page.locator(f"#sign [data-key='{digit}']").click()
    expect(screen.page.locator(".checks .struck")).to_have_count(2)
    values = Entry.objects.filter(step=step, name="viability").order_by("at")
    assert [(each.value, each.reason) for each in values][1:] == [("91", "Read wrong"), ("92", "Measured again")]


@pytest.mark.parametrize("size", [(1280, 800)])
@pytest.mark.req("R-002", "R-003")
def test_an_answer_is_corrected_by_choosing_another_in_ones_own_language(
    new_screen: Open, olga: User, site: Site
) -> None:
    """What is recorded is the word of the recipe."""
    step = given.started(given.running_batch(site), "S020")
    given.prepared(step)
    choose_language(actor=olga, user=olga, language="de")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    press(screen, "Mehr")
    screen.page.get_by_role("button", name="Wert korrigieren").click()
    [answer] = screen.page.locator("#correct-which option[data-given=no]").all_inner_texts()
    assert answer.endswith(": ja → nein")
    # No answer is chosen beforehand: a slip of two taps would turn it round.
    screen.page.locator("[data-slip]").first.click()
    screen.page.locator("[data-correct-now]").click()
    expect(screen.page.locator("[data-correct-refusal]")).to_have_text("Wählen Sie zuerst eines.")
    screen.page.select_option("#correct-which", label=answer)
    expect(screen.page.locator("#correct-value")).to_be_hidden()
    screen.picture("sheet-correct-answer")
    assert screen.violations(enhanced=True) == []
    screen.page.locator("[data-correct-now]").click()
    panel(screen, "deviation")
    assert Entry.objects.filter(step=step, name="bag_intact").latest("at").value == "no"
    screen.page.locator(".run-pad [data-open=correct]").click()
    expect(screen.page.locator("#correct-which option", has_text="nein → ja")).to_have_count(1)


FREEZER = """
          - id: S025
            kind: entry
            title: Read the freezer
            text: Read the temperature of the vapour.
            entries:
              - {id: coldest, name: Vapour temperature, unit: °C, precision: 0, high: -120, illustrative: true}
            signature: performed
"""


@pytest.mark.parametrize("size", [(1280, 800)])
def test_a_temperature_below_zero_is_typed_on_the_keypad(new_screen: Open, olga: User, site: Site) -> None:
    source = given.short_with(FREEZER)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    step = given.started(batch, "S025")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    minus = screen.page.locator("#run").get_by_role("button", name="Minus")
    key_in(screen, "150")
    minus.click()
    expect(screen.page.locator("#run [data-digits]:visible")).to_have_text("-150")
    assert screen.hidden_controls() == []
    assert screen.violations(enhanced=True) == []
    press(screen, "Record & sign")
    expect(screen.page.locator("#sign")).to_be_visible()
    assert Entry.objects.get(step=step).value == "-150"
    assert given.step(batch, "S020").status == "COMPLETE"
