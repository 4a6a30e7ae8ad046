"""Two people, one tablet: who did the step signs, and somebody else signs after them on the same screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

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
