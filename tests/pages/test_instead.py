"""What stands in the place of a value, and what was done earlier, at the tablet."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.models import Batch, Entry
from mes import clock
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, panel, press

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("size", ["portrait"], indirect=True)]
STEP = """          - id: S025
            kind: entry
            title: Read the display
            text: Read both values.
            entries:
              - {id: first, name: First, unit: mL, precision: 1, may_be_not_applicable: true}
              - {id: second, name: Second, unit: mL, precision: 1}
              - {id: remark, name: Remark, type: text, required: false}
            signature: performed
"""


@pytest.fixture
def batch(site: Site) -> Batch:
    source = given.short_with(STEP)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.started(batch, "S025")
    return batch


def fill(screen: Screen, sheet: str, reason: str, button: str) -> None:
    screen.page.locator(f"#{sheet}").get_by_role("button", name=reason, exact=True).click()
    screen.page.locator(f"#{sheet}").get_by_role("button", name=button, exact=True).click()


def key_in_time(screen: Screen, time: str) -> None:
    """Looks at the display: the same key twice in a moment counts once."""
    display = screen.page.locator("#earlier [data-time]")
    typed = ""
    for digit in time.replace(":", ""):
        typed += digit
        for _ in range(10):
            if display.inner_text().replace(":", "") == typed:
                break
            screen.page.locator(f"#earlier [data-key='{digit}']").click()
    expect(display).to_have_text(time)


@pytest.mark.req("R-017", "R-096")
def test_one_value_does_not_apply_and_one_was_done_earlier(
    new_screen: Callable[..., Screen], batch: Batch, site: Site, olga: User, sven: User
) -> None:
    step = given.step(batch, "S025")
    form = services.issue_form(actor=sven, batch=batch, steps=[step], reason="Server is being updated")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page

    press(screen, "Not applicable")
    fill(screen, "left-out", "Nothing there to be read", "Record “not applicable”")
    expect(page.locator("#run .reading-label")).to_have_text("Second")

    key_in(screen, "120")
    press(screen, "More")
    press(screen, "This was done earlier")
    fill(screen, "earlier", "Written on paper first", "Record with this time")
    expect(page.locator("#earlier [data-refusal]")).to_contain_text("four digits")
    key_in_time(screen, clock.on_the_wall(site, clock.now(site)))
    page.locator("#earlier-form").select_option(form.number)
    screen.picture("run-done-earlier")
    fill(screen, "earlier", "Written on paper first", "Record with this time")
    panel(screen, "complete")
    expect(page.locator(".run-work .checks")).to_contain_text(f"from form {form.number}, late: Written on paper first")

    page.locator("#sign [data-close]").click()  # the last value that is asked for opens the signature by itself
    page.get_by_role("link", name="Add “Remark”, optional").click()
    page.locator("[data-said]").fill("Display is dim")
    press(screen, "Record answer")
    panel(screen, "complete")
    told = Entry.objects.filter(step=step).order_by("at").values_list("name", "value", "verdict", "is_late")
    assert list(told) == [
        ("first", "N/A", "not_applicable", False),
        ("second", "120", "not_judged", True),
        ("remark", "Display is dim", "not_judged", False),
    ]
