"""The administrator's pages of the outbox."""

import pytest
from django.test import Client

from mes.accounts.models import Site, User
from mes.outbox.models import Message, Subscription
from tests.given.outbox import Receiver
from tests.outbox.conftest import Tell
from tests.outbox.test_delivery import given_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, anna: User) -> Client:
    client.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    return client


@pytest.fixture
def dead(receiver: Receiver, subscription: Subscription, tell: Tell) -> Message:
    receiver.answers = [500]
    tell()
    given_up(subscription)
    return Message.objects.get()


def test_a_receiver_is_entered_and_its_secret_is_shown_once(office: Client, site: Site) -> None:
    form = {"site": str(site.id), "channel": "webhook", "name": "LIMS", "kinds": ["batch.held"]}
    refused = office.post("/webhooks/new/", form | {"address": "http://lims.example/"})
    assert (refused.status_code, "over TLS only" in refused.content.decode()) == (400, True)
    made = office.post("/webhooks/new/", form | {"address": "https://lims.example/"})
    assert (made.status_code, "whsec_" in made.content.decode()) == (201, True)
    assert "no-store" in made.headers["Cache-Control"]
    listed = office.get("/webhooks/").content.decode()
    assert "https://lims.example/" in listed
    assert "whsec_" not in listed


def test_dead_letters_are_counted_on_the_home_page(office: Client, dead: Message) -> None:
    assert "Messages not delivered: 1" in office.get("/").content.decode()
    shown = office.get("/outbox/").content.decode()
    assert "1 not delivered, 0 waiting" in shown
    assert dead.last_error in shown


def test_a_dead_letter_is_sent_again_with_a_reason(office: Client, dead: Message) -> None:
    path = f"/outbox/{dead.id}/send-again/"
    assert office.post(path, {"reason": ""}).status_code == 400
    assert office.post(path, {"reason": "It is up."}).status_code == 302
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == ("waiting", 0)
    assert office.post(path, {"reason": "Twice."}).status_code == 409


def test_a_dead_letter_is_set_aside_with_a_reason(office: Client, dead: Message) -> None:
    office.post(f"/outbox/{dead.id}/set-aside/", {"reason": "Told by telephone."})
    assert "Nothing waits" in office.get("/outbox/").content.decode()
    assert dead.title in office.get("/outbox/", {"status": "set_aside"}).content.decode()


def test_a_receiver_is_tested_and_ended(office: Client, subscription: Subscription) -> None:
    office.post(f"/webhooks/{subscription.id}/test/")
    assert Message.objects.get().kind == "outbox.test"
    assert "needs a reason" in office.post(f"/webhooks/{subscription.id}/end/", follow=True).content.decode()
    office.post(f"/webhooks/{subscription.id}/end/", {"reason": "They moved."})
    assert (Message.objects.get().status, Subscription.objects.get().status) == ("set_aside", "ended")


def test_older_messages_are_on_the_next_page(
    office: Client, subscription: Subscription, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mes.outbox.views.PAGE", 1)
    tell()
    tell()
    newer, older = Message.objects.order_by("-position")
    first = office.get("/outbox/")
    assert str(newer.id) in first.content.decode()
    assert str(older.id) not in first.content.decode()
    second = office.get(f"/outbox/?before={newer.position}")
    assert str(older.id) in second.content.decode()
    assert office.get("/outbox/?before=x").status_code == 400
    assert office.get("/webhooks/?before=x").status_code == 400
