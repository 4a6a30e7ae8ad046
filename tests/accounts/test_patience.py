"""Whoever tries many accounts from one place, or asks for question after question, is told to wait (R-029)."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from mes.accounts.models import PasskeyChallenge, User
from mes.records.models import SecurityEvent
from tests.given.people import PASSWORD

pytestmark = pytest.mark.django_db
MOST = 6
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture(autouse=True)
def few(settings: LazySettings) -> None:
    settings.MOST_FAILED_SIGN_INS = settings.MOST_PASSKEY_QUESTIONS = MOST


def sign_in(username: str, password: str = PASSWORD, *, address: str = HERE) -> int:
    answer = Client(REMOTE_ADDR=address).post("/sign-in/", {"username": username, "password": password})
    return answer.status_code


def ask(address: str = HERE) -> int:
    return int(APIClient(REMOTE_ADDR=address).post("/api/v1/passkeys/ask/sign-in").status_code)


@pytest.mark.req("R-029")
def test_an_address_that_guesses_at_many_accounts_is_refused_whatever_it_gives(olga: User, sven: User) -> None:
    assert [sign_in(f"guess{number}", "wrong") for number in range(MOST)] == [401] * MOST
    assert sign_in("olga") == 429, "a right password is not looked at either"
    token = APIClient(REMOTE_ADDR=HERE).post("/api/v1/tokens", {"username": "sven", "password": PASSWORD})
    assert (token.status_code, token.json()["code"]) == (429, "too_many_attempts")
    assert SecurityEvent.objects.filter(kind="sign_in_failed").count() == MOST
    assert sign_in("olga", address=ELSEWHERE) == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert sign_in("olga") == 302


def test_people_who_get_in_may_come_as_often_as_they_like(olga: User) -> None:
    assert [sign_in("olga") for _ in range(MOST + 2)] == [302] * (MOST + 2)


@pytest.mark.req("R-029")
def test_questions_for_a_passkey_are_asked_so_often_and_no_more(olga: User) -> None:
    assert [ask() for _ in range(MOST + 1)] == [200] * MOST + [429]
    assert PasskeyChallenge.objects.count() == MOST
    assert ask(ELSEWHERE) == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert ask() == 200
