"""What the clinic that treats the patient is told, and that it was read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chain_of_identity.models.orders import Order
from chain_of_identity.states import ClinicNoticeState
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel


class ClinicNotice(RecordedModel):
    """A message to the responsible physician about one order. It stays on the clinic's home page until it is read."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="clinic_notices")
    batch_id = models.UUIDField(null=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=ClinicNoticeState.choices, default=ClinicNoticeState.UNREAD)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [
            models.Index(fields=["batch_id"]),
            models.Index(fields=["order"], condition=Q(status="unread"), name="clinic_notice_unread"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ClinicNoticeState.values), name="clinic_notice_status_known"),
            models.CheckConstraint(
                condition=Q(status="unread", read_by=None) | Q(status="read", read_by__isnull=False),
                name="clinic_notice_read_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.order.short}"

    @property
    def site(self) -> Site:
        return self.order.site
