"""What a person does with a message that did not get through. Until then it stops the line behind it."""

from __future__ import annotations

from mes import server_clock
from mes.accounts.models import User
from mes.errors import WrongState
from mes.outbox.models import Message
from mes.outbox.states import MESSAGE, SubscriptionState
from mes.records.services import act


def send_again(*, actor: User, message: Message, reason: str) -> Message:
    """Try a dead letter anew, from the first attempt on. The receiver sees the id it may have seen before."""
    with act(actor, "outbox.send_again", site=message.site, subject=message, reason=reason) as event:
        message = _locked(message)
        if message.subscription.status != SubscriptionState.ACTIVE:
            raise WrongState("Its receiver is told nothing any more.", state=message.subscription.status)
        MESSAGE.move(message, "send_again", event=event, attempts=0, due_at=server_clock.now())
    return message


def set_aside(*, actor: User, message: Message, reason: str) -> Message:
    """Give up on a message for good: what stands behind it in the line goes on without it."""
    with act(actor, "outbox.set_aside", site=message.site, subject=message, reason=reason) as event:
        message = _locked(message)
        MESSAGE.move(message, "set_aside", event=event)
    return message


def _locked(message: Message) -> Message:
    found = Message.objects.select_related("subscription__site")
    return found.select_for_update(of=("self",), no_key=True).get(pk=message.pk)
