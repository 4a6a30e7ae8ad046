"""Receivers and messages over the API."""

import pytest

from mes.accounts.models import Site, User
from mes.outbox.models import Message, Subscription
from mes.records.models import IdempotencyKey
from tests.given import outbox as given
from tests.given.outbox import Receiver
from tests.given.people import client_of
from tests.outbox.conftest import Tell
from tests.outbox.test_delivery import given_up

pytestmark = pytest.mark.django_db
WANTED = {
    "site": "GRAZ",
    "channel": "webhook",
    "name": "LIMS",
    "address": "https://lims.example/hook",
    "kinds": ["batch.held", "batch.released"],
}


def test_the_secret_is_told_once_and_kept_nowhere(site: Site, anna: User) -> None:
    api = client_of(anna)
    made = api.post("/api/v1/subscriptions", WANTED, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert secret not in str(IdempotencyKey.objects.get().answer)
    again = api.post("/api/v1/subscriptions", WANTED, headers={"Idempotency-Key": "one"})
    assert (again.status_code, "secret" in again.json()) == (201, False)
    listed = api.get("/api/v1/subscriptions").json()["results"]
    assert [each["name"] for each in listed] == ["LIMS"]
    assert "secret" not in listed[0]


def test_says_what_there_is_to_subscribe_to(site: Site, anna: User) -> None:
    codes = {each["code"] for each in client_of(anna).get("/api/v1/subscriptions/kinds").json()}
    assert codes >= {"batch.aborted", "batch.released", "order.cancelled", "slot.booked", "handover.received"}


def test_a_test_message_shows_that_the_way_is_open(anna: User, receiver: Receiver, subscription: Subscription) -> None:
    answer = client_of(anna).post(f"/api/v1/subscriptions/{subscription.id}/test")
    assert answer.status_code == 204
    given.delivered(subscription)
    assert b'"type":"outbox.test"' in receiver.calls[0].body


def test_a_dead_letter_is_listed_and_sent_again(
    anna: User, receiver: Receiver, subscription: Subscription, tell: Tell
) -> None:
    api = client_of(anna)
    receiver.answers = [500]
    tell()
    given_up(subscription)
    (dead,) = api.get("/api/v1/outbox", {"status": "dead"}).json()["results"]
    assert (dead["receiver"], dead["attempts"]) == ("The clinic's system", 10)
    receiver.answers = [204]
    answer = api.post(f"/api/v1/outbox/{dead['id']}/send-again", {"reason": "It is up."})
    assert answer.json()["status"] == "waiting"
    given.delivered(subscription)
    assert Message.objects.get().status == "sent"
    assert api.post(f"/api/v1/outbox/{dead['id']}/set-aside", {"reason": "Late."}).status_code == 409


def test_ending_a_receiver_needs_a_reason(anna: User, subscription: Subscription) -> None:
    path = f"/api/v1/subscriptions/{subscription.id}/end"
    assert client_of(anna).post(path, {}).status_code == 400
    assert client_of(anna).post(path, {"reason": "They moved."}).json()["status"] == "ended"
    assert client_of(anna).post(f"/api/v1/subscriptions/{subscription.id}/test").status_code == 409


def test_an_unknown_state_is_refused(anna: User) -> None:
    assert client_of(anna).get("/api/v1/outbox", {"status": "lost"}).status_code == 400
