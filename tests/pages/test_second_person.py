"""Two people, one tablet: who did the step signs, and somebody else signs after them on the same screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from batches import services
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given.people import PASSWORD, PIN
from tests.pages.conftest import Screen
from tests.pages.test_operator import panel, press, scan, sign_with_password

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]


@pytest.mark.parametrize("size", [(1280, 800)])
@pytest.mark.req("R-034", "R-089")
def test_the_second_person_signs_on_the_same_screen(new_screen: Open, olga: User, vera: User, site: Site) -> None:
    step = given.prepared(given.started(given.running_batch(site), "S030"))
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    sign_with_password(screen)
    panel(screen, "verify")

    press(screen, "Second person signs")
    scan(screen, f"USR:{vera.badge}")
    for digit in PIN:
        screen.page.locator(f"#sign [data-key='{digit}']").click()
    expect(screen.page.locator("[data-sign-refusal]")).to_contain_text("first signature")
    # Another PIN would be refused again: the keys are gone, the badge stays, and the password is asked for.
    expect(screen.page.locator("#sign .keypad-pin")).to_be_hidden()
    expect(screen.page.locator("#sign-badge")).to_have_value(vera.badge or "")
    screen.page.locator("#sign-password").fill(PASSWORD)
    screen.page.locator("[data-sign-now]").click()
    expect(screen.page.locator("#run")).not_to_have_attribute("data-step", str(step.id))
    assert given.step(step.batch, "S030").status == "COMPLETE"


@pytest.mark.parametrize("size", [(1280, 800)])
@pytest.mark.req("R-051")
@pytest.mark.ux("OP-16")
def test_at_one_tablet_a_blind_second_person_reads_anew(new_screen: Open, olga: User, vera: User, site: Site) -> None:
    step = given.prepared(
        given.started(given.running_batch(site, recipe=given.short_recipe(site, given.QUICK)), "S140")
    )
    values = {each.name: each.value for each in step.entries.all()}
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    sign_with_password(screen)
    panel(screen, "verify")
    screen.open(f"/steps/{step.id}/")
    assert [value for value in values.values() if f">{value}" in screen.page.content()] == []

    # Who did the step still corrects a slip; the second person does not sign with the values in sight.
    press(screen, "More")
    screen.page.get_by_role("link", name="Correct a value").click()
    expect(screen.page.locator("[data-open=correct]")).to_have_count(1)
    press(screen, "Second person signs")
    expect(screen.page.locator("[data-open=correct]")).to_have_count(0)

    press(screen, "Second person signs")
    scan(screen, f"USR:{vera.badge}")
    for name, value in values.items():
        field = screen.page.locator(f"[data-blind={name}]")
        field.click()
        read_on_keypad(screen, field, value)
    screen.page.locator("#sign-password").fill(PASSWORD)
    screen.page.locator("[data-sign-now]").click()
    expect(screen.page.locator("#run")).not_to_have_attribute("data-step", str(step.id))
    assert given.step(step.batch, "S140").status == "COMPLETE"


def read_on_keypad(screen: Screen, field: Locator, value: str) -> None:
    """Looks at the field as a person does: the same key twice in a moment counts once."""
    for end, key in enumerate(value, start=1):
        while field.input_value() != value[:end]:
            screen.page.locator(f"#sign [data-key='{key}']").click()


@pytest.mark.urls("tests.pages.urls")
@pytest.mark.ux("LAY-01")
def test_a_blind_second_person_needs_no_keyboard_of_the_tablet(new_screen: Open, olga: User, vera: User) -> None:
    screen = new_screen(olga).open("/states/verify_blind/")
    page = screen.page
    press(screen, "Second person signs")
    scan(screen, f"USR:{vera.badge}")
    density, coldest = page.locator("[data-blind=density]"), page.locator("[data-blind=coldest]")
    expect(density).to_be_focused()
    expect(density).to_have_attribute("inputmode", "none")
    read_on_keypad(screen, density, "2.1")
    coldest.click()
    read_on_keypad(screen, coldest, "44")
    minus = page.locator("#sign").get_by_role("button", name="Minus")
    minus.click()
    page.locator("[data-blind=clumps]").select_option("no")
    page.locator("#sign .pin-field").click()
    for digit in PIN[:3]:
        page.locator(f"#sign [data-key='{digit}']").click()
    expect(page.locator("#sign [data-on]")).to_have_count(3)
    expect(density).to_have_value("2.1")
    expect(coldest).to_have_value("-44")
    screen.picture("sheet-sign-blind")
    assert minus.evaluate("each => each.getBoundingClientRect().right <= innerWidth")
    assert screen.hidden_controls("#sign") == []
    assert screen.violations(enhanced=True) == []
    with screen.on_the_other_tablet():
        assert screen.hidden_controls("#sign") == []


@pytest.mark.parametrize("size", [(1280, 800)])
def test_who_gives_up_a_refused_signature_sees_what_is_to_be_signed_now(
    new_screen: Open, olga: User, site: Site
) -> None:
    step = given.prepared(given.started(given.running_batch(site), "S020"))
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    entry = step.entries.get(name="viability")
    services.correct_entry(actor=olga, entry=entry, value="91", unit="%", reason="Typed wrong")
    sign_with_password(screen)
    expect(screen.page.locator("[data-sign-refusal]")).to_contain_text("changed after it was shown")
    screen.page.locator("#sign [data-close]").click()
    expect(screen.page.locator(".checks .struck")).to_have_count(1)
    sign_with_password(screen)
    expect(screen.page.locator("#run")).not_to_have_attribute("data-step", str(step.id))
