"""Receivers: entered and ended by an administrator."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from mes import server_clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.outbox.addresses import check_mailbox, check_url
from mes.outbox.errors import NoMailServer
from mes.outbox.kinds import known_kinds
from mes.outbox.models import Channel, Subscription
from mes.outbox.secrets import locked, new_secret
from mes.outbox.states import MESSAGE, RIGHT, SUBSCRIPTION
from mes.records.services import act


def subscribe(
    *, actor: User, site: Site, channel: str, name: str, address: str, kinds: Sequence[str], party: str = ""
) -> tuple[Subscription, str]:
    """Tell a receiver of these kinds from now on. The second answer is the secret of a webhook, told this once."""
    require(actor, RIGHT, site)
    if not name.strip():
        raise InvalidInput("Give the receiver a name.", field="name")
    secret = new_secret() if channel == Channel.WEBHOOK else ""
    subscription = Subscription(
        site=site,
        channel=channel,
        name=name.strip(),
        address=_checked_address(channel, address.strip()),
        kinds=_checked_kinds(kinds),
        party=party.strip(),
        secret=locked(secret) if secret else "",
        created_by=actor,
        created_at=server_clock.now(),
    )
    with act(actor, "outbox.subscribe", site=site, subject=subscription) as event:
        subscription.save(force_insert=True)
        event.data |= {"channel": channel, "address": subscription.address, "kinds": subscription.kinds}
    return subscription, secret


def end_subscription(*, actor: User, subscription: Subscription, reason: str) -> Subscription:
    """Tell a receiver nothing any more; what still waits for it is set aside."""
    with act(actor, "outbox.end_subscription", site=subscription.site, subject=subscription, reason=reason) as event:
        found = Subscription.objects.select_related("site")
        subscription = found.select_for_update(of=("self",), no_key=True).get(pk=subscription.pk)
        SUBSCRIPTION.move(subscription, "end", event=event)
        for message in subscription.messages.in_line().select_for_update(no_key=True):
            message.subscription = subscription
            MESSAGE.move(message, "set_aside", event=event)
    return subscription


def _checked_address(channel: str, address: str) -> str:
    if channel == Channel.WEBHOOK:
        return check_url(address)
    if channel != Channel.EMAIL:
        raise InvalidInput(f"There is no channel “{channel}”.", field="channel", known=Channel.values)
    if not settings.EMAIL_HOST:
        raise NoMailServer("This installation names no mail server. Set BATON_EMAIL_HOST first.", field="channel")
    return check_mailbox(address)


def _checked_kinds(kinds: Sequence[str]) -> list[str]:
    unknown = sorted(set(kinds) - known_kinds().keys())
    if unknown or not kinds:
        words = f"Nothing announces {', '.join(unknown)}." if unknown else "Choose what the receiver is told."
        raise InvalidInput(words, field="kinds", known=sorted(known_kinds()))
    return sorted(set(kinds))
