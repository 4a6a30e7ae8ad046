"""Every page a person opens: nothing for axe to find, nothing wider than the screen, no fault in the console."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from mes.accounts.models import Site, User
from mes.records.services import note_security
from tests.given import equipment as equipment_given
from tests.given import qc_release as qc_given
from tests.given.people import persona
from tests.given.world import a_file_to_match
from tests.pages.conftest import Screen

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]

PAGES: dict[str, dict[str, str]] = {
    "olga": {"home-operator": "/", "equipment": "/equipment/"},
    "sven": {
        "batches": "/batches/",
        "batch": "/batches/{batch}/",
        "check": "/equipment/checks/{check}/",
        "checked-unit": "/equipment/units/{unit}/",
    },
    "quinn": {
        "home-qa": "/",
        "records": "/records/",
        "record": "/batches/{batch}/record/",
        "lots": "/materials/lots/",
        "profile": "/me/",
        "not-found": "/nowhere/",
        "release-list": "/release/",
        "review": "/batches/{made}/review/",
    },
    "petra": {"release": "/batches/{made}/release/"},
    "carl": {
        "laboratory": "/laboratory/",
        "specifications": "/specifications/",
        "files": "/laboratory/files/",
        "file": "/laboratory/files/{match}/?sample={sample}",
    },
    "ines": {"home-planner": "/", "planner": "/planner/", "slots": "/planner/slots/"},
    "clara": {"home-clinic": "/", "orders": "/orders/", "journey": "/orders/{order}/"},
    "anna": {"accounts": "/accounts/", "account-new": "/accounts/new/", "account": "/accounts/{locked}/"},
    "ravi": {"recipes": "/recipes/", "recipe": "/recipes/versions/{version}"},
}
WIDER = "() => document.documentElement.scrollWidth > innerWidth"


def locked_out(user: User) -> User:
    for _ in range(settings.FAILURES_BEFORE_LOCK):
        note_security("sign_in_failed", user=user)
    return user


def test_every_page_is_for_everybody(new_screen: Open, site: Site) -> None:
    batch = qc_given.running_batch(site)
    made = qc_given.reviewed_batch(site)
    report = equipment_given.checked(equipment_given.new_unit(site, "incubator"))
    names = {
        "match": a_file_to_match(site).id,
        "sample": qc_given.labelled_sample(batch, "S-77").code,
        "locked": locked_out(persona(site, "olga")).id,
        "made": made.id,
        "check": report.check_of_id,
        "unit": report.check_of.unit_id,
        "batch": batch.id,
        "order": batch.order_id,
        "version": batch.recipe_version_id,
    }
    found: dict[str, list[str]] = {}
    for username, pages in PAGES.items():
        screen = new_screen(persona(site, username))
        for name, path in pages.items():
            screen.open(path.format(**names))
            found[name] = screen.violations()
            if screen.page.evaluate(WIDER):
                found[name].append("wider than the screen")
            screen.picture(name)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_door_is_for_everybody(new_screen: Open, site: Site) -> None:
    screen = new_screen().open("/sign-in/")
    assert screen.violations() == []
    screen.picture("sign-in")


def test_a_forgotten_tablet_says_no_more(client: Client, olga: User) -> None:
    """After sign-out no page answers."""
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    client.post("/sign-out/")
    assert client.get("/").status_code == 302
