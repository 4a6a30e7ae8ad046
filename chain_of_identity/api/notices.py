"""What clinics were told, and that they have read it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity import services
from chain_of_identity.models import ClinicNotice
from chain_of_identity.queries import clinic_notices_visible_to
from mes.api import ActView, ListView, by_id

TAGS = ["chain of identity"]


class ClinicNoticeOutput(serializers.ModelSerializer[ClinicNotice]):
    order = serializers.UUIDField(source="order_id")
    clinic = serializers.CharField(source="order.clinic")
    physician = serializers.CharField(source="order.physician")
    told_by = serializers.CharField(source="told_by.printed_name")
    read_by = serializers.CharField(source="read_by.printed_name", default="")

    class Meta:
        model = ClinicNotice
        fields = ["id", "version", "order", "clinic", "physician", "batch_id", "title", "text"]
        fields += ["told_at", "told_by", "read_at", "read_by", "status"]


class ClinicNotices(ListView):
    """Messages to clinics about their orders, newest first."""

    permission = "identity.view"
    serializer_class = ClinicNoticeOutput

    def get_queryset(self) -> QuerySet[ClinicNotice]:
        return clinic_notices_visible_to(self.user)

    @extend_schema(
        operation_id="clinic_notices_list",
        responses=ClinicNoticeOutput(many=True),
        summary="What clinics were told about their orders",
        tags=TAGS,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ConfirmNotice(ActView):
    """The clinic has read a message."""

    permission = "identity.order"
    Output = ClinicNoticeOutput

    @extend_schema(
        operation_id="clinic_notices_confirm",
        request=None,
        responses=ClinicNoticeOutput,
        summary="Say that a message was read",
        tags=TAGS,
    )
    def post(self, request: Request, clinic_notice_id: UUID) -> Response:
        notice = by_id(clinic_notices_visible_to(self.user), clinic_notice_id, "message")
        return self.answer(services.confirm_notice(actor=self.user, notice=notice))
