"""Sending: claim with a lease, send outside of any transaction, then settle.

A worker that dies in between leaves its claim to run out, and the message is sent again under the same id.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from mes import server_clock
from mes.accounts.queries import system_user
from mes.outbox import channels
from mes.outbox.errors import NotDelivered
from mes.outbox.models import Claim, Message, Subscription
from mes.outbox.queries import due
from mes.outbox.states import MESSAGE, MessageState
from mes.records.services import act

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)  # longer than any call lasts (channels.py)
ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=4)


def deliver_next(subscription_id: UUID) -> bool:
    """Try the next due message of a receiver. False when none is due, or another worker is at it."""
    claim = _claim(subscription_id)
    if claim is None:
        return False
    try:
        channels.send(claim.message)
    except NotDelivered as error:
        _settle(claim, failure=str(error))
    else:
        _settle(claim)
    return True


def pause_after(attempts: int) -> timedelta:
    """10 s, 40 s, 3 min, 11 min, 43 min, 3 h, then 4 h: ten attempts are spread over 16 hours."""
    times: int = 4 ** (attempts - 1)
    return min(FIRST_PAUSE * times, LONGEST_PAUSE)


@transaction.atomic
def _claim(subscription_id: UUID) -> Claim | None:
    """The receiver is locked while we look, so that two workers do not take two of its messages."""
    mine = Subscription.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=subscription_id)
    now = server_clock.now()
    if not mine or Claim.objects.filter(subscription=subscription_id, until__gt=now).exists():
        return None
    found = due(now).filter(subscription=subscription_id).select_related("subscription__site")
    message = found.order_by("due_at", "position").first()
    if message is None:
        return None
    Claim.objects.filter(subscription=subscription_id).delete()
    return Claim.objects.create(subscription_id=subscription_id, message=message, until=now + LEASE)


def _settle(claim: Claim, failure: str = "") -> None:
    """Write down how it went. Whoever overstayed the lease, or was overtaken by a person, has no say any more."""
    message = claim.message
    reason = failure if failure and message.attempts + 1 >= ATTEMPTS else ""
    postman = system_user("postman")
    with transaction.atomic():
        locked = Message.objects.select_for_update(of=("self",), no_key=True).select_related("subscription__site")
        message = locked.get(pk=message.pk)
        released, _ = Claim.objects.filter(pk=claim.pk).delete()
        if not released or message.status != MessageState.WAITING:
            log.warning("settled_too_late", message=str(message.pk), failure=failure)
            return
        name = "fail" if failure else "deliver"
        with act(postman, f"outbox.{name}", site=message.site, subject=message, reason=reason) as event:
            event.data |= {"attempt": message.attempts + 1, "failure": failure}
            if reason:
                MESSAGE.move(message, "give_up", event=event, **_tried(message, failure))
            elif failure:
                _wait(message, failure)
            else:
                MESSAGE.move(message, "deliver", event=event, sent_at=server_clock.now(), **_tried(message, ""))


def _wait(message: Message, failure: str) -> None:
    tried = _tried(message, failure) | {"due_at": server_clock.now() + pause_after(message.attempts + 1)}
    for name, value in tried.items():
        setattr(message, name, value)
    message.save(update_fields=list(tried))


def _tried(message: Message, failure: str) -> dict[str, Any]:
    return {"attempts": message.attempts + 1, "last_error": failure[:500]}
