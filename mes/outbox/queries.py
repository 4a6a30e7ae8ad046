"""What is due, what waits, and who may look at it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mes.accounts.models import User
from mes.outbox.models import Claim, Message, MessageQuerySet, Subscription
from mes.outbox.states import IN_LINE, RIGHT, MessageState


def due(now: datetime) -> MessageQuerySet:
    """Messages whose time has come and before whom nothing of their subject waits for the same receiver."""
    ahead = Message.objects.in_line().filter(
        subscription=OuterRef("subscription"), subject_id=OuterRef("subject_id"), position__lt=OuterRef("position")
    )
    return Message.objects.filter(~Exists(ahead), status=MessageState.WAITING, due_at__lte=now)


def receivers_with_post(now: datetime) -> list[UUID]:
    """Receivers for whom something is due and to whom nobody is sending just now."""
    busy = Claim.objects.filter(subscription=OuterRef("subscription"), until__gt=now)
    found = due(now).filter(~Exists(busy)).order_by("subscription")
    return list(found.values_list("subscription", flat=True).distinct())


def subscriptions_visible_to(user: User) -> QuerySet[Subscription]:
    found = Subscription.objects.filter(site__in=user.sites_for(RIGHT))
    return found.select_related("site", "created_by")


def messages_visible_to(user: User) -> MessageQuerySet:
    found = Message.objects.filter(subscription__site__in=user.sites_for(RIGHT))
    return found.select_related("subscription__site")


def counts_for(sites: Collection[UUID]) -> dict[str, int]:
    """How many messages are dead and how many wait, at these sites."""
    here = Message.objects.in_line().filter(subscription__site__in=sites)
    return here.aggregate(dead=Count("id", Q(status=IN_LINE[1])), waiting=Count("id", Q(status=IN_LINE[0])))


def messages_about(subject_id: UUID) -> MessageQuerySet:
    """What was or is to be told about one subject, in the order of writing."""
    return Message.objects.filter(subject_id=subject_id).select_related("subscription__site").order_by("position")
