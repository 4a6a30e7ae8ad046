"""Tokens, idle sessions, retried calls and stale versions, over HTTP."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from mes.accounts.api import TOKEN_LIFE
from mes.accounts.models import RoleGrant, Site, User
from mes.records.models import Event, SecurityEvent
from tests.given.people import PASSWORD, PIN, client_of


@pytest.mark.django_db
def test_a_token_opens_the_api_until_it_is_ended(site: Site, olga: User) -> None:
    client = APIClient()
    token = client.post("/api/v1/tokens", {"username": "olga", "password": PASSWORD}).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/v1/me").json()["sites"][0]["roles"] == ["operator"]
    assert client.delete("/api/v1/me").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.django_db
def test_a_token_ends_by_itself_and_is_cleared_at_the_next_sign_in(site: Site, olga: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as now:
        first = _with_token()
        now.shift(TOKEN_LIFE - timedelta(seconds=1))
        assert first.get("/api/v1/me").status_code == 200
        now.shift(timedelta(seconds=2))
        assert first.get("/api/v1/me").status_code == 401
        assert _with_token().get("/api/v1/me").status_code == 200
    assert AuthToken.objects.filter(user=olga).count() == 1


@pytest.mark.django_db
def test_a_call_reads_its_own_token_alone(site: Site, olga: User) -> None:
    clients = [_with_token() for _ in range(3)]
    with CaptureQueriesContext(connection) as asked:
        assert clients[0].get("/api/v1/me").status_code == 200
    assert sum("knox_authtoken" in each["sql"] for each in asked) == 1


def _with_token() -> APIClient:
    client = APIClient()
    token = client.post("/api/v1/tokens", {"username": "olga", "password": PASSWORD}).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


@pytest.mark.django_db
def test_a_wrong_password_gets_no_token(olga: User) -> None:
    answer = APIClient().post("/api/v1/tokens", {"username": "olga", "password": "no"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.django_db
@pytest.mark.req("R-030")
def test_an_idle_session_ends_and_work_goes_on_only_after_signing_in(site: Site, olga: User) -> None:
    client = client_of(olga)
    with time_machine.travel(timezone.now(), tick=False) as now:
        assert client.get("/api/v1/me").status_code == 200
        now.shift(timedelta(minutes=site.idle_minutes))
        assert client.get("/api/v1/me").status_code == 200
        now.shift(timedelta(minutes=site.idle_minutes, seconds=1))
        assert client.get("/api/v1/me").status_code == 401
    assert SecurityEvent.objects.filter(kind="idle_lock", user_id=olga.id).exists()


@pytest.mark.django_db
def test_a_page_fetched_ahead_right_after_signing_in_does_not_lock(site: Site, olga: User) -> None:
    client = Client()
    client.post("/sign-in/", {"username": "olga", "password": PASSWORD})
    client.get("/", headers={"X-Idle": "86400"})
    assert client.get("/api/v1/me").status_code == 200
    assert client.session["idle_seconds"] == site.idle_minutes * 60


@pytest.mark.django_db
def test_the_late_answer_of_a_session_that_ended_leaves_the_cookie_of_the_next_one(site: Site, olga: User) -> None:
    client = Client()
    client.force_login(olga)
    Session.objects.all().delete()
    for page in ("/", "/api/v1/me", "/sign-in/"):
        assert settings.SESSION_COOKIE_NAME not in client.get(page).cookies
    client.force_login(olga)
    signed_out = client.post("/sign-out/").cookies[settings.SESSION_COOKIE_NAME]
    assert (signed_out.value, signed_out["max-age"]) == ("", 0)


@pytest.mark.django_db
@pytest.mark.req("R-020")
def test_a_refused_act_is_a_security_event(site: Site, olga: User) -> None:
    client_of(olga).post("/api/v1/users", {})
    noted = SecurityEvent.objects.get(kind="not_permitted")
    assert (noted.user_id, noted.action, noted.subject) == (olga.id, "POST /api/v1/users", "accounts.manage")


@pytest.mark.django_db
@pytest.mark.req("R-068")
def test_a_retried_call_is_carried_out_once_and_answered_alike(site: Site, anna: User) -> None:
    client = client_of(anna)
    body = {"username": "nora", "printed_name": "Nora New", "password": PASSWORD, "pin": PIN}
    answers = [client.post("/api/v1/users", body, headers={"Idempotency-Key": "k1"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert User.objects.filter(username="nora").count() == 1
    assert Event.objects.filter(action="accounts.create_user", subject_label="Nora New").count() == 1

    other = client.post("/api/v1/users", {**body, "username": "nils"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


@pytest.mark.django_db
def test_a_refused_call_may_be_tried_again_with_its_key(site: Site, anna: User) -> None:
    client = client_of(anna)
    body = {"username": "nora", "printed_name": "Nora New", "password": PASSWORD, "pin": "123456"}
    assert client.post("/api/v1/users", body, headers={"Idempotency-Key": "k2"}).status_code == 400
    grants = RoleGrant.objects.count()
    body["pin"] = PIN
    assert client.post("/api/v1/users", body, headers={"Idempotency-Key": "k2"}).status_code == 201
    assert RoleGrant.objects.count() == grants


@pytest.mark.django_db
def test_a_page_of_an_earlier_session_is_told_so_and_its_call_may_be_made_again(site: Site, anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    body = {"username": "nora", "printed_name": "Nora New", "password": PASSWORD, "pin": PIN}

    def answer(token: str) -> tuple[int, str]:
        headers = {"Idempotency-Key": "k3", "X-CSRFToken": token}
        given = client.post("/api/v1/users", body, content_type="application/json", headers=headers)
        return given.status_code, given.json().get("code", "")

    assert answer("") == (403, "page_outdated")
    client.get("/")
    assert answer("of another session") == (403, "page_outdated")
    assert answer(client.cookies["csrftoken"].value) == (201, "")


@pytest.mark.django_db
def test_an_error_says_code_message_and_details(site: Site, anna: User) -> None:
    answer = client_of(anna).post("/api/v1/users", {"username": "x"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "details"}
    assert answer.json()["code"] == "invalid_input"
    assert "printed_name" in answer.json()["details"]["fields"]


@pytest.mark.django_db
@pytest.mark.req("R-030")
def test_a_page_that_looks_again_by_itself_keeps_no_session_open(site: Site, olga: User) -> None:
    client = client_of(olga)
    with time_machine.travel(timezone.now(), tick=False) as now:
        assert client.get("/alarms/strip/").status_code == 200
        for minute in range(1, site.idle_minutes + 1):
            now.shift(timedelta(minutes=1))
            assert client.get("/alarms/strip/", headers={"X-Idle": str(60 * minute)}).status_code == 200
        now.shift(timedelta(seconds=1))
        assert client.get("/alarms/strip/", headers={"X-Idle": "601"}).status_code == 200  # alarms stay in sight
        assert client.get("/api/v1/me").status_code == 401
    assert SecurityEvent.objects.filter(kind="idle_lock", user_id=olga.id).count() == 1


@pytest.mark.django_db
def test_a_touch_that_a_poll_tells_of_keeps_the_session_open(site: Site, olga: User) -> None:
    client = client_of(olga)
    with time_machine.travel(timezone.now(), tick=False) as now:
        client.get("/alarms/strip/")
        now.shift(timedelta(minutes=site.idle_minutes))
        client.get("/alarms/strip/", headers={"X-Idle": "3"})
        now.shift(timedelta(minutes=site.idle_minutes, seconds=-3))
        assert client.get("/api/v1/me").status_code == 200


@pytest.mark.django_db
@pytest.mark.req("R-030")
def test_a_locked_tablet_does_nothing_until_somebody_signs_in(site: Site, olga: User, vera: User) -> None:
    client = client_of(olga)
    assert client.post("/lock/").status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/").status_code == 302
    assert client.get("/alarms/strip/").status_code == 200
    for person in (olga, vera):
        client.post("/lock/")
        client.post(
            "/sign-in/", {"badge": person.badge, "pin": PIN}, format="multipart", headers={"accept": "application/json"}
        )
        assert client.get("/api/v1/me").json()["username"] == person.username
