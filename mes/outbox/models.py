"""Who is told, what they are told, and who is sending just now."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value

from mes.accounts.models import Site, User
from mes.ids import uuid7
from mes.outbox.kinds import title_of
from mes.outbox.states import IN_LINE, MessageState, SubscriptionState
from mes.records.models import RecordedModel
from mes.records.triggers import WakeBeat, recorded

POSITIONS = "outbox_message_position"


class Channel(models.TextChoices):
    WEBHOOK = "webhook", "Webhook"
    EMAIL = "email", "E-mail"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(status=SubscriptionState.ACTIVE)

    def wanting(self, kind: str, party: str) -> SubscriptionQuerySet:
        """Active ones that want this kind, of everybody or of this party, e.g. a clinic."""
        return self.active().filter(Q(party="") | Q(party=party), kinds__contains=[kind])


class Subscription(RecordedModel):
    """A receiver and the kinds of event it is told. `party` narrows it to one clinic; empty is everything.

    `secret` signs webhooks. It is encrypted (mes/outbox/secrets.py) and was shown once, when it was made.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=60))
    party = models.CharField(max_length=120, blank=True)
    secret = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=SubscriptionState.choices, default=SubscriptionState.ACTIVE)

    objects = SubscriptionQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["site"], condition=Q(status="active"), name="subscription_active")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SubscriptionState.values), name="subscription_status_known"),
            models.CheckConstraint(
                condition=Q(channel="webhook") & ~Q(secret="") | Q(channel="email", secret=""),
                name="webhooks_have_a_secret",
            ),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(name="subscription_stays", exclude=["version", "status"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def titles(self) -> list[str]:
        return [title_of(code) for code in self.kinds]


class MessageQuerySet(models.QuerySet["Message"]):
    def in_line(self) -> MessageQuerySet:
        """Neither sent nor set aside."""
        return self.filter(status__in=IN_LINE)

    def dead(self) -> MessageQuerySet:
        return self.filter(status=MessageState.DEAD)


class Message(RecordedModel):
    """One message to one receiver. Its id is the webhook-id and the Message-ID, the same at every attempt.

    `position` is drawn from a sequence under a lock of the subject: it is the order of writing. `body` is what is sent,
    byte for byte. `due_at` is the server's time: receivers know no scaled clock.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="messages")
    position = models.BigIntegerField(db_default=Func(Value(POSITIONS), function="nextval"), editable=False)
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    body = models.TextField()
    written_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)

    objects = MessageQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-position"]
        indexes = [
            models.Index(fields=["-position"]),
            models.Index(fields=["subject_id", "position"]),
            models.Index(
                fields=["subscription", "subject_id", "position"], condition=Q(status__in=IN_LINE), name="message_line"
            ),
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="message_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MessageState.values), name="message_status_known"),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at=None),
                name="sent_has_a_time",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("written_at")), name="due_after_it_was_written"),
        ]
        triggers = [
            *recorded(),
            # Also when one has left: the next of its line may go.
            WakeBeat(name="wake_beat"),
            pgtrigger.ReadOnly(
                name="message_stays", exclude=["version", "status", "due_at", "attempts", "last_error", "sent_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{title_of(self.kind)}: {self.subject_label} to {self.subscription.name}"[:200]

    @property
    def site(self) -> Site:
        return self.subscription.site

    @property
    def kind_title(self) -> str:
        return title_of(self.kind)


class Claim(models.Model):
    """Who is sending to a receiver just now, and until when nobody else does.

    Not a record: losing a row only means that its message is sent once more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="claim")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.message_id} until {self.until}"
