"""Every page the router knows: nothing for axe to find, nothing wider than the screen, no fault in the console."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from chain_of_identity.models import BedsideCheck
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.matrix import Call, pages
from tests.given import qc_release
from tests.given.batches import running_batch
from tests.given.people import OFFICE, a_person, persona
from tests.given.world import World, a_world, ids_for
from tests.pages.conftest import SIZES, Screen

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Screen]

PEOPLE = ("olga", "sven", "quinn", "petra", "carl", "ravi", "ines", "logan", "kurt", "clara", "anna", "sam")
# Addresses that a browser posts to, downloads from or is sent on by, and parts of pages: nothing to look at.
NOT_SEEN = {
    "/accounts/<user_id>/badge/",
    "/accounts/<user_id>/badge/revoke/",
    "/accounts/<user_id>/badge/test/",
    "/accounts/<user_id>/close/",
    "/accounts/<user_id>/identity/",
    "/accounts/<user_id>/language/",
    "/accounts/<user_id>/passkeys/<passkey_id>/revoke/",
    "/accounts/<user_id>/reset/",
    "/accounts/<user_id>/roles/",
    "/accounts/<user_id>/roles/<grant_id>/withdraw/",
    "/accounts/<user_id>/unlock/",
    "/accounts/sites/<site_id>/full-credential/",
    "/accounts/sites/<site_id>/terminals/",
    "/alarms/<alarm_id>/acknowledge/",
    "/alarms/<alarm_id>/rate/",
    "/alarms/<alarm_id>/shelve/",
    "/me/language/",
    "/alarms/definitions/<definition_id>/withdraw/",
    "/alarms/strip/",
    "/alive",
    "/batch-documents/<document_id>/",
    "/batches/<batch_id>/commands/",
    "/batches/<batch_id>/documents/",
    "/batches/<batch_id>/issue/",
    "/batches/<batch_id>/material/",
    "/batches/<batch_id>/review/exceptions/<exception_id>/",
    "/batches/<batch_id>/run/",
    "/calls/<call_id>/answer/",
    "/calls/<call_id>/settle/",
    "/certificates/<certificate_id>/",
    "/clinic-notices/<clinic_notice_id>/confirm/",
    "/equipment/units/<unit_id>/check/",
    "/equipment/units/<unit_id>/clean/",
    "/find/",
    "/healthz",
    "/laboratory/files/<match_id>/content",
    "/laboratory/receive/",
    "/lock/",
    "/manifest.webmanifest",
    "/materials/lots/<lot_id>/release",
    "/materials/lots/<lot_id>/withdraw",
    "/orders/<order_id>/label-accounts/explain/",
    "/orders/<order_id>/label-accounts/fate/",
    "/outbox/<message_id>/send-again/",
    "/outbox/<message_id>/set-aside/",
    "/paper-forms/<form_id>/print/",
    "/paper-forms/<form_id>/scan/",
    "/photos/<photo_id>/",
    "/planner/slots/<slot_id>/confirm",
    "/planner/slots/<slot_id>/move",
    "/planner/slots/<slot_id>/release",
    "/recipes/versions/<version_id>/approve",
    "/recipes/versions/<version_id>/review",
    "/recipes/versions/<version_id>/send-back",
    "/recipes/versions/<version_id>/source",
    "/recipes/versions/<version_id>/submit",
    "/recipes/versions/<version_id>/withdraw",
    "/records/export.csv",
    "/records/export.json",
    "/service-worker.js",
    "/sign-out/",
    "/terminals/<terminal_id>/key/",
    "/terminals/<terminal_id>/move/",
    "/terminals/<terminal_id>/retire/",
    "/terminals/<terminal_id>/this-device/",
    "/webhooks/<subscription_id>/end/",
    "/webhooks/<subscription_id>/test/",
}
WIDER = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
@pytest.mark.ux("A11Y-01", "A11Y-04", "LAY-02", "PERF-07")
def test_every_page_is_for_everybody(new_screen: Open, site: Site) -> None:
    world, made = a_world(site), qc_release.reviewed_batch(site)
    insider = a_person(site, "iris", *[role for role in Role if role is not Role.ADMINISTRATOR], printed_name="Iris")
    screens = {False: new_screen(insider), True: new_screen(persona(site, "anna"))}
    found = {
        page.path: _problems(screens[page.permission in OFFICE], _name(page.path), _address(page, world, made.id))
        for page in pages()
        if page.path not in NOT_SEEN
    }
    assert {where: problems for where, problems in found.items() if problems} == {}
    assert {page.path for page in pages()} >= NOT_SEEN


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_everybody_has_a_home(new_screen: Open, site: Site) -> None:
    running_batch(site)
    screen = new_screen()
    found = {name: _problems(screen.seen_by(persona(site, name)), f"home-{name}", "/") for name in PEOPLE}
    assert {where: problems for where, problems in found.items() if problems} == {}


def _address(page: Call, world: World, made: UUID) -> str:
    """Of the world's things those that this page is about."""
    ids = ids_for(page.path, world)
    if page.path.startswith(("/batches/<batch_id>/review/", "/batches/<batch_id>/release/")):
        ids |= {"batch_id": str(made)}
    if "<check_id>" in page.path:
        ids |= {"order_id": str(BedsideCheck.objects.get(pk=world["check_id"]).order_id)}
    compared = f"?with={world['version_id']}" if page.path.endswith("/compare") else ""
    return page.url(ids) + compared


def _name(path: str) -> str:
    """/batches/ -> batches, /batches/<batch_id>/ -> batches-batch, /batches/<batch_id>/release/ -> batches-release."""
    ending = re.sub("<([a-z]+)(_id)?>/?$", r"\1", path)
    return "-".join(part for part in re.sub("<[^>]+>", "", ending).split("/") if part) or "home"


def _problems(screen: Screen, name: str, address: str) -> list[str]:
    """Everything axe looks for on the wide screen; what a narrow one can change, there too."""
    screen.open(address)
    screen.picture(name)
    found = [] if screen.status == 200 else [f"answers {screen.status}"]
    found += [*screen.shifts(), *screen.violations(), *_too_wide(screen)]
    screen.page.set_viewport_size({"width": SIZES["portrait"][0], "height": SIZES["portrait"][1]})
    screen.picture(name)
    found += [f"portrait: {each}" for each in (*screen.violations_of_shape(), *_too_wide(screen))]
    screen.page.set_viewport_size({"width": SIZES["landscape"][0], "height": SIZES["landscape"][1]})
    return found


def _too_wide(screen: Screen) -> list[str]:
    return ["wider than the screen"] if screen.page.evaluate(WIDER) else []


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_the_door_is_for_everybody(new_screen: Open, site: Site) -> None:
    assert _problems(new_screen(), "sign-in", "/sign-in/") == []
    assert _problems(new_screen(persona(site, "quinn")), "not-found", "/nowhere/") == ["answers 404"]


def test_a_forgotten_tablet_says_no_more(client: Client, olga: User) -> None:
    """After sign-out no page answers."""
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    client.post("/sign-out/")
    assert client.get("/").status_code == 302
