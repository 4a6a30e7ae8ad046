"""Writing messages: in the transaction of what they tell, one for each receiver that wants them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection, models

from mes import clock, server_clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import WrongState
from mes.outbox.kinds import TEST, Kind
from mes.outbox.models import Channel, Message, Subscription
from mes.outbox.states import RIGHT, SubscriptionState
from mes.records.models import Event, subject_type
from mes.records.services import act, canonical


def announce(
    kind: Kind,
    *,
    event: Event,
    site: Site,
    subject: models.Model,
    text: str,
    path: str,
    party: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Inside an act: write one message to each receiver that wants this kind. Nobody subscribed: nothing is written.

    `text` is a sentence for people and `facts` are for programs. Neither holds personal data nor anything that was
    typed freely: messages leave the house, and e-mail is read by anybody on its way. `path` leads to the whole story.
    `party` is whom it concerns, e.g. the clinic: a receiver that is narrowed to a party gets only what names it.
    """
    receivers = list(Subscription.objects.filter(site=site).wanting(kind.code, party))
    if receivers:
        _write(receivers, kind, event, site, subject, text, path, {"party": party, **(facts or {})})


def send_test(*, actor: User, subscription: Subscription) -> None:
    """Write a message that says nothing but that the way is open."""
    site = subscription.site
    require(actor, RIGHT, site)
    if subscription.status != SubscriptionState.ACTIVE:
        raise WrongState("This receiver is told nothing any more.", state=subscription.status)
    with act(actor, "outbox.send_test", site=site, subject=subscription) as event:
        _write([subscription], TEST, event, site, subscription, "The way to you is open.", "/outbox/", {})


def _write(
    receivers: Iterable[Subscription],
    kind: Kind,
    event: Event,
    site: Site,
    subject: models.Model,
    text: str,
    path: str,
    facts: dict[str, Any],
) -> None:
    now = server_clock.now()
    label, link = " ".join(str(subject).split())[:200], f"{settings.PUBLIC_ADDRESS}{path}"
    data = {
        "site": site.code,
        "event": event.id,
        "process_time": clock.iso(clock.now(site)),
        "subject": {"type": subject_type(subject), "id": subject.pk, "label": label},
        "text": text,
        "link": link,
        **facts,
    }
    bodies = {
        Channel.WEBHOOK: canonical({"type": kind.code, "timestamp": now.isoformat(), "data": data}),
        Channel.EMAIL: f"{text}\n\n{link}\n\n{site.name}. Nobody reads answers to this message.\n",
    }
    _take_turn(subject)
    Message.objects.bulk_create(
        Message(
            subscription=receiver,
            kind=kind.code,
            subject_type=subject_type(subject),
            subject_id=subject.pk,
            subject_label=label,
            title=f"{kind.title}: {label}"[:200],
            body=bodies[Channel(receiver.channel)],
            written_at=now,
            due_at=now,
        )
        for receiver in receivers
    )


def _take_turn(subject: models.Model) -> None:
    """Until the commit nobody else writes about this subject: so the positions are in the order of the commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('outbox:' || %s, 0))", [str(subject.pk)])
