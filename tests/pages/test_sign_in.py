"""The door, the home page, one's own account, and the pages that say no."""

import pytest
from django.test import Client

from mes.accounts.models import User
from tests.given.people import PASSWORD, PIN

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def test_a_stranger_is_sent_to_the_door_and_back(client: Client, olga: User) -> None:
    answer = client.get("/records/?person=olga")
    assert answer.url == "/sign-in/?next=%2Frecords%2F%3Fperson%3Dolga"  # type: ignore[attr-defined]
    answer = client.post(answer.url, {"username": "olga", "password": PASSWORD})  # type: ignore[attr-defined]
    assert answer.url == "/records/?person=olga"  # type: ignore[attr-defined]


def test_a_badge_and_pin_open_the_door(client: Client, olga: User) -> None:
    wrong = client.post("/sign-in/", {"badge": "USR:B-olga", "pin": "111112"})
    assert "The badge or the PIN is not right." in wrong.content.decode()
    assert client.post("/sign-in/", {"badge": "USR:B-olga", "pin": PIN}).status_code == 302


def test_the_door_does_not_lead_to_another_house(client: Client, olga: User) -> None:
    answer = client.post("/sign-in/?next=https://elsewhere.example/", {"username": "olga", "password": PASSWORD})
    assert answer.url == "/"  # type: ignore[attr-defined]


def test_a_wrong_password_says_no_more_than_it_must(client: Client, olga: User) -> None:
    wrong = client.post("/sign-in/", {"username": "olga", "password": "no"})
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 401
    assert "The name or the password is not right." in wrong.content.decode()
    assert "The name or the password is not right." in unknown.content.decode()


def test_a_locked_tablet_unlocks_in_place(client: Client, olga: User) -> None:
    given = {"badge": "B-olga", "pin": PIN}
    answer = client.post("/sign-in/", given, headers={"accept": "application/json"})
    assert answer.json() == {"username": "olga", "printed_name": "Olga Operator"}
    refused = client.post("/sign-in/", given | {"pin": "000000"}, headers={"accept": "application/json"})
    assert refused.status_code == 401
    assert refused.json()["code"] == "not_signed_in"


def test_home_opens_for_every_role(site: object, request: pytest.FixtureRequest) -> None:
    for name in ("olga", "sven", "quinn", "petra", "carl", "ravi", "ines", "logan", "kurt", "clara", "anna", "sam"):
        page = client_of(request.getfixturevalue(name)).get("/")
        assert page.status_code == 200, name
        assert request.getfixturevalue(name).printed_name in page.content.decode()


def test_navigation_shows_what_a_person_may_open(clara: User, quinn: User) -> None:
    assert "/records/" not in client_of(clara).get("/").content.decode()
    assert "/records/" in client_of(quinn).get("/").content.decode()


def test_a_password_is_changed_with_the_old_one_and_the_session_goes_on(olga: User) -> None:
    client = client_of(olga)
    refused = client.post("/me/", {"password-old": "wrong", "password-new": "a new sentence to say"})
    changed = client.post("/me/", {"password-old": PASSWORD, "password-new": "a new sentence to say"}, follow=True)
    assert refused.status_code == 401
    assert "Your password is changed." in changed.content.decode()
    assert Client().post("/sign-in/", {"username": "olga", "password": "a new sentence to say"}).status_code == 302


def test_a_weak_pin_is_refused_with_its_reason(olga: User) -> None:
    page = client_of(olga).post("/me/", {"pin-password": PASSWORD, "pin-pin": "123456"})
    assert page.status_code == 400
    assert "too easy to guess" in page.content.decode()


def test_an_unknown_page_is_told_in_words(olga: User) -> None:
    page = client_of(olga).get("/nowhere/")
    assert page.status_code == 404
    assert "There is no such page." in page.content.decode()


def test_no_page_carries_inline_code(olga: User) -> None:
    html = client_of(olga).get("/").content.decode()
    assert [mark for mark in (" style=", " onclick=", "<script>") if mark in html] == []


def test_whose_entries_are_on_the_tablet_only_signs_in_first(client: Client, olga: User, vera: User) -> None:
    answer = client.post("/sign-in/", {"badge": "USR:B-vera", "pin": PIN, "unsent": "olga"})
    assert answer.status_code == 403
    assert "Entries of olga are only on this tablet." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.post("/sign-in/", {"badge": "USR:B-olga", "pin": PIN, "unsent": "olga"}).status_code == 302
