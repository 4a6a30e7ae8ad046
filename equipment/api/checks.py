"""Commissioning checks: asking for one, reading its report, as data and as PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import documents, queries, services
from equipment.api.common import TAGS
from equipment.api.units import unit_for
from equipment.models import Check, CheckReport
from mes.accounts.models import User
from mes.api import ActView, ListView, by_id
from mes.errors import NotFound


class LineOutput(serializers.Serializer[Any]):
    what = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["passed", "failed", "not_done"])


class ReportOutput(serializers.ModelSerializer[CheckReport]):
    lines = LineOutput(many=True)

    class Meta:
        model = CheckReport
        fields = ["outcome", "carried_out_at", "lines"]


class CheckOutput(serializers.ModelSerializer[Check]):
    """A check; without a report it waits for the gateway."""

    unit = serializers.CharField(source="unit.code")
    requested_by = serializers.CharField(source="requested_by.printed_name")
    report = ReportOutput(required=False)

    class Meta:
        model = Check
        fields = ["id", "unit", "requested_by", "requested_at", "report"]


def check_for(user: User, check_id: UUID) -> Check:
    check: Check = by_id(queries.checks_visible_to(user), check_id, "check")
    return check


def report_of(check: Check) -> CheckReport | None:
    return getattr(check, "report", None)


@extend_schema_view(
    get=extend_schema(
        operation_id="units_checks", responses=CheckOutput, summary="Checks of a unit, newest first", tags=TAGS
    )
)
class Checks(ListView):
    permission = {"get": "equipment.view", "post": "equipment.check"}
    serializer_class = CheckOutput

    def get_queryset(self) -> QuerySet[Check]:
        if getattr(self, "swagger_fake_view", False):
            return Check.objects.none()
        return queries.checks_visible_to(self.user).filter(unit=unit_for(self.user, self.kwargs["unit_id"]))

    @extend_schema(
        operation_id="units_check",
        request=None,
        responses={202: CheckOutput},
        summary="Check a unit against its class page",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        check = services.request_check(actor=self.user, unit=unit_for(self.user, unit_id))
        return Response(CheckOutput(check_for(self.user, check.id)).data, status=202)


class CheckView(ActView):
    permission = "equipment.view"
    Output = CheckOutput

    @extend_schema(
        operation_id="equipment_checks_read", responses=CheckOutput, summary="A check and its report", tags=TAGS
    )
    def get(self, request: Request, equipment_check_id: UUID) -> Response:
        return self.answer(check_for(self.user, equipment_check_id))


class CheckPdf(ActView):
    permission = "equipment.view"

    @extend_schema(
        operation_id="equipment_checks_pdf",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        summary="The report of a check as PDF/A",
        tags=TAGS,
    )
    def get(self, request: Request, equipment_check_id: UUID) -> HttpResponse:
        check = check_for(self.user, equipment_check_id)
        report = report_of(check)
        if report is None:
            raise NotFound("The gateway has not reported yet.", check=str(check.id))
        return HttpResponse(
            documents.check_pdf(report),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="check-{check.unit.code}.pdf"'},
        )
