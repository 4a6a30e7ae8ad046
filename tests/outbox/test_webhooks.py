"""Webhooks as a receiver sees them."""

import base64
import hashlib
import hmac
import json
from threading import Event as Flag
from urllib.parse import urlsplit

import pytest
from django.db import transaction

from batches import services as batches
from batches.states import Command
from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from mes.outbox.models import Message, Subscription
from mes.records.models import Event
from tests.given import batches as batches_given
from tests.given import outbox as given
from tests.given import people
from tests.given.outbox import Call, Receiver
from tests.outbox.conftest import Tell

pytestmark = pytest.mark.django_db


def is_signed(call: Call, secret: str) -> bool:
    """As a receiver verifies, written from the text of Standard Webhooks."""
    key = base64.b64decode(secret[len("whsec_") :])
    content = call.headers["webhook-id"] + "." + call.headers["webhook-timestamp"] + "." + call.body.decode()
    expected = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    return call.headers["webhook-signature"].split(" ") == [f"v1,{expected}"]


def test_a_message_is_signed_and_says_what_happened(site: Site, receiver: Receiver, tell: Tell) -> None:
    subscription, secret = given.subscribed(site, receiver.address)
    tell()
    message = Message.objects.get()
    given.delivered(subscription)
    (call,) = receiver.calls
    assert is_signed(call, secret)
    assert not is_signed(Call(call.path, call.headers, call.body + b" "), secret)
    assert not is_signed(call, "whsec_" + base64.b64encode(b"another").decode())
    assert (call.path, call.headers["webhook-id"]) == ("/baton?from=tests", str(message.id))
    told = json.loads(call.body)
    assert (told["type"], told["data"]["subject"]["id"]) == ("batch.held", str(site.id))
    assert Event.objects.filter(pk=told["data"]["event"], action="test.tell").exists()
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("sent", 1)


def test_a_batch_that_is_held_is_told_to_its_clinic_and_to_no_other(site: Site, receiver: Receiver) -> None:
    batch = batches_given.running_batch(site)
    ours, _ = given.subscribed(site, receiver.address, party=batch.order.clinic)
    given.subscribed(site, receiver.address, party="Another clinic")
    olga = people.persona(site, "olga")
    batches.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason="Mrs. Muster is not well")
    given.delivered(ours)
    assert [each.subscription for each in Message.objects.all()] == [ours]
    (call,) = receiver.calls
    data = json.loads(call.body)["data"]
    assert (data["batch"], data["order"]) == (batch.number, str(batch.order_id))
    assert b"Muster" not in call.body
    assert batch.order.patient.pseudonym.encode() not in call.body


def test_what_is_rolled_back_is_told_to_nobody(site: Site, olga: User, subscription: Subscription, tell: Tell) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell()
        raise RuntimeError
    assert not Message.objects.exists()


def test_without_receivers_nothing_is_written(site: Site, tell: Tell) -> None:
    tell()
    assert not Message.objects.exists()


def test_a_redirect_is_not_followed(receiver: Receiver, subscription: Subscription, tell: Tell) -> None:
    receiver.answers = [302]
    tell()
    given.delivered(subscription)
    assert [call.path for call in receiver.calls] == ["/baton?from=tests"]
    assert Message.objects.get().last_error == "127.0.0.1 answered 302."


def test_a_receiver_that_is_away_is_an_attempt(site: Site, tell: Tell) -> None:
    subscription, _ = given.subscribed(site, "http://127.0.0.1:9/")
    tell()
    given.delivered(subscription)
    message = Message.objects.get()
    assert (message.status, message.attempts) == ("waiting", 1)
    assert "did not answer" in message.last_error


def test_an_answer_that_never_ends_is_cut_off(
    receiver: Receiver, subscription: Subscription, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = Flag()
    receiver.before_answering = lambda: over.wait(10)
    monkeypatch.setattr("mes.outbox.channels.DEADLINE_SECONDS", 0.1)
    tell()
    given.delivered(subscription)
    over.set()
    assert "did not answer" in Message.objects.get().last_error


def test_a_name_that_no_resolver_takes_is_an_attempt(site: Site, tell: Tell) -> None:
    subscription, _ = given.subscribed(site, f"https://{'a' * 70}.example/")
    tell()
    given.delivered(subscription)
    assert Message.objects.get().attempts == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "http://10.0.0.7/",
        "ftp://example.org/",
        "https://user:word@example.org/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://exämple.org/",
        "https://example.org:99999/",
        "https:///nowhere",
        "nowhere",
        "",
    ],
)
def test_refuses_an_address_that_is_not_safe(site: Site, address: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        given.subscribed(site, address)
    assert refusal.value.details["field"] == "address"


@pytest.mark.parametrize("address", ["https://example.org:8443/a?b=c", "https://10.0.0.7/", "http://[::1]:1/"])
def test_takes_receivers_of_the_plants_own_network(site: Site, address: str) -> None:
    subscription, _ = given.subscribed(site, address)
    assert urlsplit(subscription.address).hostname


def test_the_secret_is_stored_locked(site: Site, receiver: Receiver, tell: Tell, settings: object) -> None:
    subscription, secret = given.subscribed(site, receiver.address)
    assert secret.removeprefix("whsec_") not in subscription.secret
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another" * 10  # type: ignore[attr-defined]
    tell()
    given.delivered(subscription)
    assert "SECRET_KEY" in Message.objects.get().last_error
    assert receiver.calls == []
    settings.SECRET_KEY_FALLBACKS = [old]  # type: ignore[attr-defined]
    tell(people.persona(site, "olga"))
    given.delivered(subscription)
    assert is_signed(receiver.calls[0], secret)


def test_refuses_what_nobody_announces(site: Site) -> None:
    with pytest.raises(InvalidInput, match=r"batch\.exploded"):
        given.subscribed(site, "https://example.org/", kinds=("batch.exploded",))
