"""Two tablets on one step: the second only reads, takes over with a tap, and nothing the first one had is lost."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.models import Entry, Step
from mes.accounts.models import Site, User
from mes.records.models import Event
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.pages.conftest import Screen
from tests.pages.test_operator import key_in, panel, press, scan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]


@pytest.fixture
def inspection(site: Site, olga: User) -> Step:
    """Nobody has begun it."""
    return given.done_before(given.running_batch(site), "S020").steps.get(key="S020")


def at_terminal(screen: Screen, site: Site, code: str) -> Screen:
    """The browser as one that an administrator made a terminal."""
    key = equipment_given.terminal(site=site, code=code).key
    screen.page.context.add_cookies([{"name": "baton_terminal", "value": key, "url": screen.address}])
    return screen


@pytest.mark.ux("OP-10")
@pytest.mark.req("R-058")
def test_a_second_tablet_reads_takes_over_and_the_first_one_keeps_its_entries(
    new_screen: Open, inspection: Step, site: Site, olga: User, vera: User
) -> None:
    first = at_terminal(new_screen(olga), site, "T-04").open(f"/steps/{inspection.id}/")
    press(first, "Start step")
    panel(first, "entry")
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        first.page.evaluate(
            "async ([url, body]) => (await import('/static/js/api.js')).post(url, body)",
            [f"/api/v1/steps/{inspection.id}/entries", {"name": name, "value": value}],
        )
    first.open(f"/steps/{inspection.id}/")
    key_in(first, "120")

    second = at_terminal(new_screen(vera), site, "T-05").open(f"/steps/{inspection.id}/")
    panel(second, "taken")
    expect(second.page.locator(".run-pad h2")).to_have_text("Olga Operator is on this step (tablet T-04).")
    scan(second, f"&/{inspection.batch.coi_id}")
    expect(second.page.get_by_text("Somebody else is on this step. Take over first.")).to_be_visible()
    assert second.violations(enhanced=True) == []
    second.picture("run-taken-by-another")
    press(second, "Take over")
    panel(second, "entry")

    press(first, "Record value")  # it was typed before anybody could know
    panel(first, "taken")
    expect(first.page.locator(".run-pad h2")).to_contain_text("Vera Verifier took over at ")
    expect(first.page.locator(".run-pad h2")).to_contain_text("Your entries are kept.")
    assert Entry.objects.get(step=inspection, name="volume").by == olga
    assert Event.objects.filter(action="batches.record_entry").latest("at").tablet == "T-04"
    first.picture("run-taken-over")

    second.page.reload()
    panel(second, "entry")
    expect(second.page.locator("#run .reading-label")).to_contain_text("Cell density")


def test_what_was_only_typed_is_there_again_when_the_step_comes_back(
    new_screen: Open, inspection: Step, olga: User, vera: User
) -> None:
    services.start_step(actor=olga, step=inspection)
    for name, value in (("bag_intact", "yes"), ("appearance", "homogeneous")):
        services.record_entry(actor=olga, step=inspection, name=name, value=value)
    screen = new_screen(olga).open(f"/steps/{inspection.id}/")
    key_in(screen, "12")
    services.take_over_step(actor=vera, step=inspection)
    screen.page.reload()
    panel(screen, "taken")
    press(screen, "Take over")
    expect(screen.page.locator("#run [data-digits]")).to_have_text("12")
