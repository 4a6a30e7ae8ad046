"""Failed attempts: logged with their origin, counted, and told to security when they lock."""

import json

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.utils import timezone

from mes.accounts import services
from mes.accounts.models import Site, User
from mes.errors import NotSignedIn, SignatureRefused
from mes.outbox.models import Message, Subscription
from mes.outbox.services import subscribe
from mes.records.models import Event, IdempotencyKey, SecurityEvent
from mes.records.signing import Credential, authenticate_signer
from tests.given.people import PASSWORD, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def security(site: Site, anna: User) -> Subscription:
    """Whoever watches over the accounts of the site."""
    receiver, _ = subscribe(
        actor=anna,
        site=site,
        channel="webhook",
        name="Security desk",
        address="https://security.example/baton",
        kinds=["account.locked"],
    )
    return receiver


@pytest.mark.req("R-029")
def test_the_fifth_failure_locks_and_security_is_told_at_once(security: Subscription, anna: User, olga: User) -> None:
    for number in range(settings.FAILURES_BEFORE_LOCK):
        assert not Message.objects.exists(), number
        with pytest.raises(NotSignedIn):
            services.sign_in(username="olga", password="wrong")
    message = Message.objects.get()
    assert (message.subscription, message.kind) == (security, "account.locked")
    assert (timezone.now() - message.due_at).total_seconds() < 60
    told = json.loads(message.body)["data"]
    assert told["link"].endswith(f"/accounts/{olga.id}/")
    assert "olga" not in message.body.lower()
    assert Event.objects.get(action="accounts.lock").subject_id == olga.id

    with pytest.raises(NotSignedIn, match="locked"):
        services.sign_in(username="olga", password=PASSWORD)
    assert client_of(anna).post(f"/api/v1/users/{olga.id}/unlock", {"reason": ""}).status_code == 400
    assert client_of(olga).post(f"/api/v1/users/{olga.id}/unlock", {"reason": "me"}).status_code == 403
    answer = client_of(anna).post(f"/api/v1/users/{olga.id}/unlock", {"reason": "seen at the gate"})
    assert answer.status_code == 204
    assert services.sign_in(username="olga", password=PASSWORD) == olga


@pytest.mark.req("R-053")
def test_five_wrong_signatures_lock_with_five_rows_and_one_alert(
    site: Site, security: Subscription, olga: User
) -> None:
    given = Credential(username="olga", password="wrong, all of it")
    for _ in range(settings.FAILURES_BEFORE_LOCK + 1):
        with pytest.raises(SignatureRefused):
            authenticate_signer(given, meaning="performed", site=site, acting=olga)
    assert SecurityEvent.objects.filter(kind="signature_failed", user_id=olga.id).count() == 5
    assert Message.objects.get().kind == "account.locked"
    with pytest.raises(SignatureRefused, match="locked"):
        authenticate_signer(Credential(username="olga", password=PASSWORD), meaning="performed", site=site, acting=olga)


def test_the_alert_is_no_effect_of_the_call_that_failed(site: Site, anna: User, olga: User) -> None:
    address = f"/api/v1/users/{olga.id}/deactivate"
    for _ in range(settings.FAILURES_BEFORE_LOCK):
        Client().post("/sign-in/", {"username": "olga", "password": "wrong"}, headers={"Idempotency-Key": "k1"})
    assert Event.objects.filter(action="accounts.lock").count() == 1
    assert not IdempotencyKey.objects.exists()
    assert client_of(anna).post(address, {"reason": "left"}).status_code == 200


@pytest.mark.req("R-031")
def test_the_access_log_is_searched_by_user_name_and_tells_time_and_origin(
    client: Client, anna: User, olga: User, vera: User
) -> None:
    for password in (PASSWORD, "wrong", PASSWORD, "wrong too", PASSWORD):
        Client(REMOTE_ADDR="10.1.2.3").post("/sign-in/", {"username": "olga", "password": password})
    Client().post("/sign-in/", {"username": "vera", "password": PASSWORD})

    office = client_of(anna)
    rows = office.get("/api/v1/security-events", {"username": "OLGA"}).json()["results"]
    assert [row["kind"] for row in rows] == ["signed_in", "sign_in_failed"] * 2 + ["signed_in"]
    assert {row["address"] for row in rows} == {"10.1.2.3"}
    assert all(row["at"] for row in rows)
    failed = office.get("/api/v1/security-events", {"username": "olga", "kind": "sign_in_failed"}).json()["results"]
    assert len(failed) == 2

    client.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    page = client.get("/accounts/access-log/", {"username": "olga", "kind": "sign_in_failed"}).content.decode()
    assert page.count("<td>Sign-in failed</td>") == 2
    assert "10.1.2.3" in page
    assert "Nothing fits" in client.get("/accounts/access-log/", {"username": "nobody"}).content.decode()
    assert client.get("/accounts/access-log/", {"before": "x"}).status_code == 400
    assert client.get("/accounts/access-log/", {"since": "x"}).status_code == 400


def test_behind_a_proxy_the_origin_is_what_the_proxy_saw(settings: LazySettings, olga: User) -> None:
    def origin(**more: str) -> str:
        given = {"username": "olga", "password": PASSWORD}
        Client(REMOTE_ADDR="10.0.0.1").post("/sign-in/", given, headers=more)
        return SecurityEvent.objects.filter(kind="signed_in").order_by("-at")[0].address

    told = {"X-Forwarded-For": "1.1.1.1, 192.0.2.7"}  # the first is what the client made up
    assert origin(**told) == "10.0.0.1"
    settings.PROXIES = 1
    assert origin(**told) == "192.0.2.7"
    assert origin() == "10.0.0.1"
