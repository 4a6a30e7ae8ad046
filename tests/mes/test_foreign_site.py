"""A person of one site neither reads nor changes anything of another, whatever call or page they try (R-035)."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.matrix import Call, calls, pages
from tests.given.people import OFFICE, a_person, client_of, persona
from tests.given.world import World, ids_for

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-035")]

GMP = [role for role in Role if role is not Role.ADMINISTRATOR]
ABOUT_THINGS = [call for call in calls() if call.arguments]
LISTS = [call for call in calls() if call.method == "get" and not call.arguments]
# These find the thing named and miss another: a finished file, the version to compare with, a passkey of one's own.
MISSING_SOMETHING_ELSE = {
    "/api/v1/batch-documents/<document_id>/file",
    "/api/v1/me/passkeys/<passkey_id>/remove",
    "/api/v1/recipe-versions/<version_id>/compare",
}


@pytest.fixture
def expert(foreign_site: Site) -> User:
    """Somebody with every role of GMP work, at the other site."""
    return a_person(foreign_site, "expert", *GMP)


@pytest.fixture
def administrator(foreign_site: Site) -> User:
    return a_person(foreign_site, "adam", Role.ADMINISTRATOR)


def test_at_home_everything_is_there(world: World, site: Site) -> None:
    """The counterpart, without which the refusals below would prove nothing.

    A new argument in a URL needs an object in tests/given/world.py, or nobody would try it.
    """
    named = {name for call in [*calls(), *pages()] for name in call.arguments}
    assert named - set(world) == set()
    insider, anna = a_person(site, "insider", *GMP), persona(site, "anna")
    tried = [call for call in ABOUT_THINGS if call.path not in MISSING_SOMETHING_ELSE]
    assert [call for call in tried if _tried(call, insider if _is_gmp(call) else anna, world)[0] == 404] == []


def test_calls_about_a_thing_of_another_site_find_nothing(world: World, expert: User, administrator: User) -> None:
    answers = {call: _tried(call, expert if _is_gmp(call) else administrator, world) for call in ABOUT_THINGS}
    assert {call: answer for call, answer in answers.items() if answer != (404, "not_found")} == {}


def test_lists_show_nothing_of_another_site(world: World, expert: User, administrator: User) -> None:
    things = {name: value for name, value in world.items() if _is_id(value)}
    asked = {name: world[name] for name in ("batch_id", "order_id")} | {"site": "GRAZ", "code": "SHORT"}
    asked |= {"batch": world["batch_id"], "order": world["order_id"], "person": world["user_id"]}
    leaks = []
    for call in LISTS:
        api = client_of(expert if _is_gmp(call) else administrator)
        for query in ({}, asked):
            answer = api.get(call.url(), query)
            assert answer.status_code in {200, 204, 400, 404}, (call, answer.content)
            if answer.status_code == 200:  # a refusal repeats what was asked for
                leaks += [(call.path, name) for name, value in things.items() if value in answer.content.decode()]
    assert leaks == []


def test_pages_show_nothing_of_another_site(world: World, expert: User, administrator: User) -> None:
    floor, office = Client(), Client()
    for client, user in ((floor, expert), (office, administrator)):
        client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    things = {name: value for name, value in world.items() if _is_id(value)}
    shown: list[tuple[Call, str | int]] = []
    for page in pages():
        browser, url = floor if _is_gmp(page) else office, page.url(ids_for(page.path, world))
        if page.arguments:
            answers = [browser.get(url), browser.post(url)]
            shown += [(page, answer.status_code) for answer in answers if answer.status_code not in {404, 405}]
        else:
            text = _text(browser.get(url, {"site": "GRAZ", "order": world["order_id"]}))
            shown += [(page, name) for name, value in things.items() if value in text]
    assert shown == []


def _is_gmp(call: Call) -> bool:
    return call.permission not in OFFICE


def _tried(call: Call, user: User, world: World) -> tuple[int, str]:
    """The status and the code of what the call answers to an empty body."""
    answer = getattr(client_of(user), call.method)(call.url(ids_for(call.path, world)), {}, format="json")
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    body = answer.json() if is_json else {}
    return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""


def _text(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def _is_id(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False
