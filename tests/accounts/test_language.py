"""Whoever works here reads in their own language; what is recorded is English for everybody."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from mes.accounts import services
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.records.models import Event, SecurityEvent
from tests.given.people import PASSWORD, client_of, persona

pytestmark = pytest.mark.django_db


def in_browser(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return browser


def choose(user: User, language: str) -> User:
    return services.choose_language(actor=user, user=user, language=language)


def test_a_choice_is_recorded(olga: User) -> None:
    choose(olga, "de")
    olga.refresh_from_db()
    event = Event.objects.get(action="accounts.choose_language")
    assert (olga.language, event.actor_id, event.data["language"]) == ("de", olga.id, "de")


def test_an_administrator_chooses_for_somebody_new_and_nobody_else_does(olga: User, vera: User, anna: User) -> None:
    services.choose_language(actor=anna, user=olga, language="fr")
    with pytest.raises(NotPermitted):
        services.choose_language(actor=vera, user=olga, language="de")


def test_a_language_that_is_not_there_is_refused(olga: User) -> None:
    with pytest.raises(InvalidInput, match="Baton does not speak “tlh”"):
        choose(olga, "tlh")


def test_the_page_speaks_as_its_person_chose_and_not_as_the_browser_asks(olga: User) -> None:
    choose(olga, "de")
    answer = client_of(olga).get("/", headers={"accept-language": "fr"})
    assert "Keine offene Aufgabe für Sie" in answer.content.decode()
    assert '<html lang="de">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "de"


def test_the_choice_is_made_on_the_home_page_and_comes_back_to_it(olga: User) -> None:
    answer = in_browser(olga).post("/me/language/", {"language": "fr", "next": "/me/"}, follow=True)
    assert answer.redirect_chain == [("/me/", 302)]
    assert "Mon compte" in answer.content.decode()


def test_an_administrator_chooses_on_the_page_of_the_account(olga: User, anna: User) -> None:
    in_browser(anna).post(f"/accounts/{olga.id}/language/", {"language": "de"})
    olga.refresh_from_db()
    assert olga.language == "de"


def test_the_door_follows_the_browser_or_the_link(client: Client) -> None:
    assert "Benutzername" in client.get("/sign-in/", headers={"accept-language": "de-AT,de;q=0.9"}).content.decode()
    assert (
        "Nom d’utilisateur" in client.get("/sign-in/?language=fr", headers={"accept-language": "de"}).content.decode()
    )
    assert "User name" in client.get("/sign-in/?language=xx", headers={"accept-language": "cs"}).content.decode()


def test_a_page_without_a_translation_is_english_as_a_whole(quinn: User) -> None:
    choose(quinn, "de")
    text = client_of(quinn).get("/records/").content.decode()
    assert '<html lang="en">' in text
    assert "Sign out" in text


def test_a_page_for_another_role_says_so_in_the_persons_language(olga: User) -> None:
    choose(olga, "de")
    text = client_of(olga).get("/accounts/").content.decode()
    assert "Diese Seite ist für eine andere Rolle." in text
    assert SecurityEvent.objects.get(kind="not_permitted").detail == "This page is for another role."


def test_a_refused_sign_in_is_told_in_the_language_of_the_door(client: Client, olga: User) -> None:
    answer = client.post("/sign-in/?language=de", {"username": "olga", "password": "wrong"})
    assert "Name oder Passwort stimmt nicht." in answer.content.decode()


def test_a_page_that_calls_reads_its_language_and_a_program_reads_english(olga: User) -> None:
    choose(olga, "de")
    body = {"old": "wrong", "new": "a sentence of my own"}
    token = APIClient().post("/api/v1/tokens", {"username": "olga", "password": PASSWORD}).json()["token"]
    page, program = client_of(olga), APIClient(headers={"authorization": f"Token {token}"})
    assert page.post("/api/v1/me/password", body).json()["message"] == "Das bisherige Passwort stimmt nicht."
    assert program.post("/api/v1/me/password", body).json()["message"] == "The present password is not right."


def test_the_language_is_chosen_through_the_api_too(site: Site, olga: User, anna: User) -> None:
    assert client_of(olga).post("/api/v1/me/language", {"language": "de"}).status_code == 204
    assert client_of(olga).get("/api/v1/me").json()["language"] == "de"
    answer = client_of(anna).post(f"/api/v1/users/{olga.id}/language", {"language": "fr"})
    assert answer.json()["language"] == "fr"
    assert (
        client_of(persona(site, "vera")).post(f"/api/v1/users/{olga.id}/language", {"language": "fr"}).status_code
        == 403
    )


def test_the_next_person_at_a_tablet_reads_their_own_language(client: Client, olga: User, vera: User) -> None:
    choose(olga, "de")
    for name, word in (("olga", "Abmelden"), ("vera", "Sign out")):
        client.post("/sign-in/", {"username": name, "password": PASSWORD})
        assert word in client.get("/").content.decode()
