"""A call for a supervisor, made from a step."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from batches.models.batch import Batch
from batches.models.elements import Step
from batches.states import UNSETTLED_CALLS, CallState
from equipment.models import Room
from mes.accounts.models import Site, User
from mes.phrases import Phrase
from mes.records.models import RecordedModel

PATIENCE = timedelta(minutes=3)  # a call that nobody has answered by then is escalated


class SupervisorCall(RecordedModel):
    """Somebody at a step needs a supervisor. Its times are those on the wall, however fast the site's clock runs."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="calls")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="calls")
    room = models.ForeignKey(Room, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    pressed_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=CallState.choices, default=CallState.OPEN)

    class Meta(RecordedModel.Meta):
        ordering = ["called_at", "id"]
        indexes = [models.Index(fields=["called_at"], condition=Q(status__in=UNSETTLED_CALLS), name="call_unsettled")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CallState.values), name="call_status_known"),
            models.UniqueConstraint(
                fields=["step"], condition=Q(status__in=UNSETTLED_CALLS), name="one_call_at_a_time_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"Call from {self.step.key} of {self.batch.number}"

    @property
    def words(self) -> str:
        """Called 10:41 · Sven Supervisor is on the way"""
        at = self.pressed_at.astimezone(ZoneInfo(self.site.timezone))
        return Phrase("Called {at} · {answer}", at=f"{at:%H:%M}", answer=self._answer())

    def _answer(self) -> str:
        if self.settled_by:
            return Phrase(
                "{status}, {person}",
                status=Phrase(self.get_status_display().lower()),
                person=self.settled_by.printed_name,
            )
        if self.answered_by:
            return Phrase("{person} is on the way", person=self.answered_by.printed_name)
        if self.escalated_at:
            return Phrase("nobody answered in {minutes} minutes: use the telephone", minutes=PATIENCE.seconds // 60)
        return Phrase("nobody has answered yet")

    @property
    def site(self) -> Site:
        return self.batch.site
