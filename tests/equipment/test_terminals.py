"""Registering the devices that work is recorded at, and making a browser one of them."""

from typing import Any

import pytest
from django.test import Client

from equipment import services
from equipment.errors import AlreadyKnown
from equipment.models import Room
from equipment.terminals.models import Terminal
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.records.models import Event
from tests.given import equipment as given
from tests.given.people import client_of

pytestmark = pytest.mark.django_db
DONE = ["register_terminal", "move_terminal", "renew_terminal_key", "retire_terminal"]


@pytest.fixture
def room(site: Site) -> Room:
    return given.room(site)


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return browser


@pytest.mark.req("R-058")
def test_every_change_of_a_terminal_is_an_event_and_its_key_is_kept_as_a_digest(room: Room, anna: User) -> None:
    terminal, key = services.register_terminal(actor=anna, site=room.site, code="T-04", name="Suite 1")
    services.move_terminal(actor=anna, terminal=terminal, room=room)
    _, other = services.renew_terminal_key(actor=anna, terminal=terminal)
    services.retire_terminal(actor=anna, terminal=terminal, reason="Display broken")
    told = Event.objects.filter(subject_id=terminal.id).order_by("at")
    assert [event.action for event in told] == [f"equipment.{verb}" for verb in DONE]
    kept = str(list(Terminal.history.values()))
    assert key != other
    assert key not in kept
    assert other not in kept
    with pytest.raises(WrongState):
        services.move_terminal(actor=anna, terminal=terminal, room=None)


def test_who_administers_registers(room: Room, anna: User, sven: User, olga: User) -> None:
    for actor, code in ((anna, "T-01"), (sven, "T-02")):
        services.register_terminal(actor=actor, site=room.site, code=code, name="Tablet", room=room)
    with pytest.raises(NotPermitted):
        services.register_terminal(actor=olga, site=room.site, code="T-03", name="Tablet")
    with pytest.raises(AlreadyKnown):
        services.register_terminal(actor=anna, site=room.site, code="T-02", name="Tablet")


def test_a_terminal_belongs_to_rooms_of_its_own_site(site: Site, foreign_site: Site, anna: User) -> None:
    elsewhere = given.foreign_unit(foreign_site).room
    with pytest.raises(InvalidInput):
        services.register_terminal(actor=anna, site=site, code="T-01", name="Tablet", room=elsewhere)


def test_a_browser_becomes_a_terminal_on_its_page(room: Room, anna: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True  # behind TLS
    office = browser_of(anna)
    form = {"site": room.site_id, "code": "T-04", "name": "Suite 1", "kind": "tablet", "room": room.id}
    page = office.post("/terminals/new/", form).headers["Location"]
    answer = office.post(f"{page}this-device/")
    cookie = answer.cookies["baton_terminal"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", True)
    assert "T-04</strong>" in office.get("/terminals/").content.decode()
    assert "baton_terminal" in office.get("/sign-in/").cookies, "every sign-in lets the browser keep it longer"
    office.post(f"{page}move/", {"room": ""})
    assert Terminal.objects.get(code="T-04").room is None
    assert Event.objects.get(action="equipment.move_terminal").tablet == "T-04"
    office.post(f"{page}retire/", {"reason": "Lost"})
    assert office.post(f"{page}this-device/").status_code == 409


def test_a_second_device_takes_the_place_of_the_first(room: Room, anna: User) -> None:
    first, second = browser_of(anna), browser_of(anna)
    page = f"/terminals/{given.terminal(room).terminal.id}/"
    first.post(f"{page}this-device/")
    second.post(f"{page}this-device/")
    assert "This device is none of them" in first.get("/terminals/").content.decode()


def test_a_program_is_told_its_key_once(room: Room, anna: User) -> None:
    caller, once = client_of(anna), {"Idempotency-Key": "0198b3a4-0000-7000-8000-0000000000aa"}
    body = {"site": room.site.code, "code": "I-01", "name": "Counter", "kind": "interface", "room": str(room.id)}
    made = caller.post("/api/v1/terminals", body, headers=once)
    assert (made.status_code, made.json()["room"]) == (201, room.code)
    assert "key" not in caller.post("/api/v1/terminals", body, headers=once).json()
    terminal = f"/api/v1/terminals/{made.json()['id']}"
    key = caller.post(f"{terminal}/key").json()["key"]
    caller.post(f"{terminal}/move", {"room": None}, headers={"X-Terminal-Key": key})
    assert Event.objects.get(action="equipment.move_terminal").tablet == "I-01"
    assert caller.post(f"{terminal}/retire", {"reason": "Replaced"}).json()["retired_at"]
    assert [each["code"] for each in caller.get("/api/v1/terminals").json()["results"]] == ["I-01"]
