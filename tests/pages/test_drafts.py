"""What was typed and not recorded: it outlives a reload, in the field it was typed into and in no other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.models import Batch, Entry
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, press

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
STEP = """
          - id: S025
            kind: entry
            title: Read the display
            text: Read both values.
            entries:
              - {id: first, name: First, unit: mL, precision: 1}
              - {id: second, name: Second, unit: mL, precision: 1}
              - {id: seen, name: What do you see?, type: text}
"""


@pytest.fixture
def batch(site: Site) -> Batch:
    source = given.short_with(STEP)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.started(batch, "S025")
    return batch


@pytest.mark.ux("OP-14")
def test_an_answer_in_words_outlives_a_reload(new_screen: Open, batch: Batch, olga: User) -> None:
    step = given.step(batch, "S025")
    for name in ("first", "second"):
        services.record_entry(actor=olga, step=step, name=name, value="120", unit="mL")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    words = screen.page.locator("#run [data-said]")
    words.press_sequentially("Clear, no clumps", delay=1)
    screen.page.reload()
    expect(words).to_have_value("Clear, no clumps")
    press(screen, "Record answer")
    expect(screen.page.locator(".run-work .checks")).to_contain_text("Clear, no clumps")
    assert Entry.objects.get(step=step, name="seen").value == "Clear, no clumps"
    assert screen.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('baton-draft'))") == []


def test_what_was_typed_for_one_reading_is_not_put_into_another(new_screen: Open, batch: Batch, olga: User) -> None:
    """The reading was recorded at another tablet meanwhile."""
    step = given.step(batch, "S025")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    key_in(screen, "120")
    services.record_entry(actor=olga, step=step, name="first", value="121", unit="mL")
    screen.page.reload()
    expect(screen.page.locator("#run .reading-label")).to_have_text("Second")
    expect(screen.page.locator("#run [data-digits]")).to_have_text("")


def test_what_was_typed_outlives_its_tab(new_screen: Open, batch: Batch, olga: User) -> None:
    """A tablet that runs short of memory ends it."""
    step = given.step(batch, "S025")
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    key_in(screen, "120")
    context = screen.page.context
    screen.page.close()
    screen.page = context.new_page()
    screen.open(f"/steps/{step.id}/")
    expect(screen.page.locator("#run [data-digits]")).to_have_text("120")
