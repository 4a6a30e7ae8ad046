"""At least once, in order for each subject, and never silently lost."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Event as Flag

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from mes.accounts.models import Site, User
from mes.beat.ears import Ears
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.outbox import services, tasks
from mes.outbox.models import Claim, Message, Subscription
from mes.outbox.queries import receivers_with_post
from mes.outbox.services.delivery import ATTEMPTS, LEASE, pause_after
from mes.records.models import Event
from mes.records.triggers import BEAT_CHANNEL
from tests.given import outbox as given
from tests.given.outbox import Receiver
from tests.outbox.conftest import Tell


def ids() -> list[str]:
    """In the order of writing."""
    return [str(each) for each in Message.objects.order_by("position").values_list("id", flat=True)]


def states() -> list[str]:
    return list(Message.objects.order_by("position").values_list("status", flat=True))


def given_up(subscription: Subscription) -> None:
    """All attempts have failed, each at its time."""
    with time_machine.travel(timezone.now(), tick=False) as now:
        for _ in range(ATTEMPTS):
            given.delivered(subscription)
            now.shift(timedelta(hours=5))


@pytest.mark.django_db
def test_later_messages_of_a_subject_wait_for_the_first(
    site: Site, olga: User, receiver: Receiver, subscription: Subscription, tell: Tell
) -> None:
    receiver.answers = [500, 204]
    tell()
    tell()
    tell(olga)
    first, second, other = ids()
    given.delivered(subscription)
    assert receiver.ids == [first, other]
    assert states() == ["waiting", "waiting", "sent"]
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        given.delivered(subscription)
    assert receiver.ids == [first, other, first, second]
    assert set(states()) == {"sent"}


@pytest.mark.django_db
def test_a_receiver_that_fails_does_not_stop_another(
    site: Site, receiver: Receiver, subscription: Subscription, tell: Tell
) -> None:
    receiver.answers = [500]
    with given.a_receiver() as well:
        other, _ = given.subscribed(site, well.address)
        tell()
        tell()
        given.delivered(subscription)
        given.delivered(other)
        assert (len(receiver.calls), len(well.calls)) == (1, 2)


@pytest.mark.django_db
def test_the_pauses_grow_and_end() -> None:
    pauses = [pause_after(number).total_seconds() for number in range(1, ATTEMPTS)]
    assert pauses[:4] == [10, 40, 160, 640]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 4 * 3600


@pytest.mark.django_db
def test_after_the_last_attempt_it_is_a_dead_letter_and_stops_its_line(
    receiver: Receiver, subscription: Subscription, tell: Tell, anna: User
) -> None:
    receiver.answers = [503]
    tell()
    tell()
    given_up(subscription)
    assert states() == ["dead", "waiting"]
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == ATTEMPTS
    event = Event.objects.get(to_state="dead")
    assert (event.actor_username, event.reason) == ("system:postman", "127.0.0.1 answered 503.")

    receiver.answers = [204]
    services.send_again(actor=anna, message=Message.objects.dead().get(), reason="It is up again.")
    given.delivered(subscription)
    assert receiver.ids[-2:] == ids()
    assert states() == ["sent", "sent"]


@pytest.mark.django_db
def test_what_is_set_aside_lets_the_others_pass(
    receiver: Receiver, subscription: Subscription, tell: Tell, anna: User
) -> None:
    receiver.answers = [400]
    tell()
    tell()
    given_up(subscription)
    receiver.answers = [204]
    dead = Message.objects.dead().get()
    services.set_aside(actor=anna, message=dead, reason="They know by telephone.")
    given.delivered(subscription)
    assert states() == ["set_aside", "sent"]
    assert Event.objects.get(action="outbox.set_aside").reason == "They know by telephone."
    with pytest.raises(WrongState):
        services.send_again(actor=anna, message=dead, reason="After all.")


@pytest.mark.django_db
def test_only_an_administrator_with_a_reason_settles_a_dead_letter(
    receiver: Receiver, subscription: Subscription, tell: Tell, anna: User, sven: User
) -> None:
    receiver.answers = [503]
    tell()
    given_up(subscription)
    dead = Message.objects.dead().get()
    for act in (services.send_again, services.set_aside):
        with pytest.raises(NotPermitted):
            act(actor=sven, message=dead, reason="Please.")
        with pytest.raises(InvalidInput):
            act(actor=anna, message=dead, reason=" ")


@pytest.mark.django_db
def test_a_receiver_that_is_ended_is_told_nothing_more(
    receiver: Receiver, subscription: Subscription, tell: Tell, anna: User
) -> None:
    tell()
    services.end_subscription(actor=anna, subscription=subscription, reason="They moved.")
    tell()
    given.delivered(subscription)
    assert (receiver.calls, states()) == ([], ["set_aside"])


@pytest.mark.django_db
def test_a_person_who_sets_a_message_aside_overtakes_the_worker(
    receiver: Receiver, subscription: Subscription, tell: Tell, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()

    def sent_meanwhile(message: Message) -> None:
        services.set_aside(actor=anna, message=message, reason="Told by telephone.")

    monkeypatch.setattr("mes.outbox.channels.send", sent_meanwhile)
    given.delivered(subscription)
    assert states() == ["set_aside"]


@pytest.mark.django_db
def test_while_one_worker_sends_no_other_does(subscription: Subscription, tell: Tell) -> None:
    tell()
    assert receivers_with_post(timezone.now()) == [subscription.id]
    message = Message.objects.get()
    Claim.objects.create(subscription=subscription, message=message, until=timezone.now() + LEASE)
    assert receivers_with_post(timezone.now()) == []
    assert not services.deliver_next(subscription.id)
    assert receivers_with_post(timezone.now() + LEASE) == [subscription.id]


@pytest.mark.django_db
def test_the_tick_hands_out_receivers_with_post(
    subscription: Subscription, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_out: list[str] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda arguments, **_: handed_out.append(arguments[0]))
    tasks.tick()
    tell()
    tell()
    tasks.tick()
    assert handed_out == [str(subscription.id)]


@pytest.mark.django_db
def test_no_transaction_is_open_while_it_sends(
    subscription: Subscription, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from inside: a test's own transaction is the only one."""
    depth = len(connection.savepoint_ids)
    seen: list[int] = []
    tell()
    monkeypatch.setattr("mes.outbox.channels.send", lambda _: seen.append(len(connection.savepoint_ids)))
    given.delivered(subscription)
    assert seen == [depth]


@pytest.mark.django_db(transaction=True)
def test_a_message_wakes_the_beat(subscription: Subscription, tell: Tell) -> None:
    ears = Ears(BEAT_CHANNEL)
    assert ears.hold("tests")
    ears.wait(0.0)
    tell()
    assert ears.wait(30.0)
    ears.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-068")
def test_a_worker_that_is_killed_before_it_could_settle_sends_the_same_again(
    receiver: Receiver, subscription: Subscription, tell: Tell, server_environment: dict[str, str]
) -> None:
    tell()
    came, over = Flag(), Flag()

    def hold_on() -> None:
        came.set()
        over.wait(30)

    receiver.before_answering = hold_on
    worker = subprocess.Popen(
        [sys.executable, "-c", f"{WORKER}; send({str(subscription.id)!r})"],
        env={**os.environ, **server_environment, "DJANGO_SETTINGS_MODULE": "mes.settings"},
    )
    assert came.wait(30)
    worker.send_signal(signal.SIGKILL)
    worker.wait(30)
    over.set()
    receiver.before_answering = lambda: None
    assert states() == ["waiting"]
    given.delivered(subscription)
    assert len(receiver.calls) == 1  # the dead worker's lease still runs
    with time_machine.travel(timezone.now() + LEASE):
        given.delivered(subscription)
    assert receiver.ids == ids() * 2
    assert receiver.calls[0].body == receiver.calls[1].body
    assert states() == ["sent"]


WORKER = "import django; django.setup(); from mes.outbox.tasks import send"
