"""Labels that no scanner reads: two people, and never a way around the stop."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches.models import Batch, Step
from chain_of_identity.models import Scan
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given.people import PASSWORD
from tests.pages.conftest import Screen
from tests.pages.test_operator import panel, scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("size", ["landscape"], indirect=True)]
Open = Callable[..., Screen]


@pytest.fixture
def step(site: Site) -> Step:
    """The identity check, in work."""
    return given.started(given.running_batch(site), "S010")


def read_by_two(screen: Screen, label: str, second: User) -> None:
    page = screen.page
    page.get_by_role("button", name="Cannot scan the label").click()
    page.fill("#unread-label", label)
    page.locator("[data-unread-now]").click()
    expect(page.locator("[data-unread-refusal]")).to_have_text("Choose what is wrong.")
    page.locator("[data-cause=damaged]").click()
    page.fill("#unread-words", "Frost on the label, cannot be wiped.")
    page.locator("[data-unread-now]").click()
    expect(page.locator("[data-sign-meaning]")).to_contain_text(label)
    scan(screen, f"USR:{second.badge}")
    page.fill("#sign-password", PASSWORD)
    screen.picture("cannot-scan-second-person")
    page.locator("[data-sign-now]").click()


def test_two_people_read_a_label_and_the_step_goes_on(new_screen: Open, olga: User, vera: User, step: Step) -> None:
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    panel(screen, "scan")
    read_by_two(screen, identity_given.bag_of(step.batch.order).label, vera)
    panel(screen, "complete")
    assert Scan.objects.get(step_id=step.id).verifier == vera


@pytest.mark.ux("OP-05")
def test_a_typed_label_of_another_patient_stops_the_tablet(
    new_screen: Open, olga: User, vera: User, step: Step, site: Site
) -> None:
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    read_by_two(screen, identity_given.bag_of(identity_given.received_order(site)).label, vera)
    expect(screen.page.get_by_role("alertdialog")).to_be_visible()
    expect(screen.page.locator("[data-stop-answer]")).to_be_focused()
    screen.page.locator("[data-stop-answer]").click()
    panel(screen, "held")
    assert Batch.objects.get(pk=step.batch_id).status == "HELD"
