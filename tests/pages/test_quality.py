"""The part of quality: review, decide, release, read the record, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from batches import services
from batches.states import Command
from mes.accounts.models import Site, User
from tests.given import batches as batches_given
from tests.given import qc_release as given
from tests.given.people import PASSWORD, PIN, persona, signer
from tests.pages.conftest import Screen

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]


def sign_decision(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Sign the decision").click()


def test_a_reviewed_batch_is_released_with_the_password_only(new_screen: Open, petra: User, site: Site) -> None:
    batch = given.reviewed_batch(site)
    screen = new_screen(petra).open(f"/batches/{batch.id}/review/")
    assert screen.violations() == []

    screen.open(f"/batches/{batch.id}/release/")
    screen.page.locator("#decision-released").check()
    screen.page.fill("#sign-password", PIN)
    sign_decision(screen)
    expect(screen.page.locator(".message-error")).to_contain_text("not right")
    batch.refresh_from_db()

    screen.page.locator("#decision-released").check()
    screen.page.fill("#sign-password", PASSWORD)
    sign_decision(screen)
    screen.page.wait_for_url(f"**/batches/{batch.id}/review/")
    expect(screen.page.locator("main")).to_contain_text("Released")
    assert screen.violations() == []

    screen.open(f"/records/?batch={batch.number}&person=petra")
    expect(screen.page.locator("tbody")).to_contain_text("qc_release")


def test_the_material_of_a_stopped_batch_is_decided_on(new_screen: Open, quinn: User, site: Site) -> None:
    batch = batches_given.running_batch(site)
    sven = persona(site, "sven")
    stop = signer(sven, "commanded", site=site)
    services.command_batch(actor=sven, batch=batch, name=Command.STOP, reason="Power failure", signer=stop)
    assert new_screen(sven).open(f"/batches/{batch.id}/").violations() == []
    screen = new_screen(quinn).open("/")
    screen.page.get_by_role("link", name="Decide").first.click()
    screen.page.get_by_label("Return to the clinic").check()
    screen.page.fill("#material-reason", "The clinic asks for it.")
    screen.page.get_by_text("Use your password instead").click()
    screen.page.fill("#material-sign-password", PASSWORD)
    sign_decision(screen)
    expect(screen.page.locator("main")).to_contain_text("Return to the clinic:")
    assert screen.violations() == []
