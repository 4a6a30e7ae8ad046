"""Calibration, cleaning and the log book of a unit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import queries, services
from equipment.api.common import TAGS, CheckedActView
from equipment.api.units import unit_for
from equipment.models import Calibration, Cleaning
from mes.api import ActView, SignatureInput


class CalibrationOutput(serializers.ModelSerializer[Calibration]):
    unit = serializers.CharField(source="unit.code")
    performed_by = serializers.CharField(source="performed_by.printed_name")
    checked_by = serializers.CharField(source="checked_by.printed_name")
    batches_to_review = serializers.SerializerMethodField()

    class Meta:
        model = Calibration
        fields = ["id", "unit", "certificate", "as_found_passed", "as_left_passed", "done_at", "due_at"]
        fields += ["note", "performed_by", "checked_by", "batches_to_review"]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_batches_to_review(self, calibration: Calibration) -> list[UUID]:
        return [] if calibration.as_found_passed else queries.batches_since_last_pass(calibration)


class CleaningOutput(serializers.ModelSerializer[Cleaning]):
    place = serializers.CharField(source="place.code")
    performed_by = serializers.CharField(source="performed_by.printed_name")
    checked_by = serializers.CharField(source="checked_by.printed_name")

    class Meta:
        model = Cleaning
        fields = ["id", "place", "procedure", "done_at", "due_at", "performed_by", "checked_by"]


class LogOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    what = serializers.CharField()
    detail = serializers.CharField()
    batch_id = serializers.UUIDField(allow_null=True)
    performed_by = serializers.CharField()
    checked_by = serializers.CharField()


class Calibrations(CheckedActView):
    permission = "equipment.maintain"
    Output = CalibrationOutput

    class Input(serializers.Serializer[Any]):
        certificate = serializers.CharField(max_length=80)
        due_at = serializers.DateTimeField()
        done_at = serializers.DateTimeField(required=False)
        as_found_passed = serializers.BooleanField()
        as_left_passed = serializers.BooleanField()
        note = serializers.CharField(required=False, default="", allow_blank=True)
        verification = SignatureInput(write_only=True)

    @extend_schema(
        operation_id="units_calibrate",
        request=Input,
        responses={201: CalibrationOutput},
        summary="Record a calibration, checked by a second person",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        data = self.read(request)
        data.pop("verification")
        checker = self.checker(request, unit.site)
        done = services.record_calibration(actor=self.user, unit=unit, checker=checker, **data)
        return self.answer(done, status=201)


class Cleanings(CheckedActView):
    permission = "equipment.clean"
    Output = CleaningOutput

    class Input(serializers.Serializer[Any]):
        procedure = serializers.CharField(max_length=120)
        due_at = serializers.DateTimeField()
        done_at = serializers.DateTimeField(required=False)
        verification = SignatureInput(write_only=True)

    @extend_schema(
        operation_id="units_clean",
        request=Input,
        responses={201: CleaningOutput},
        summary="Record a cleaning, checked by a second person",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        data = self.read(request)
        data.pop("verification")
        checker = self.checker(request, unit.site)
        return self.answer(services.record_cleaning(actor=self.user, unit=unit, checker=checker, **data), status=201)


class UnitLog(ActView):
    permission = "equipment.view"
    Output = LogOutput

    @extend_schema(
        operation_id="units_log",
        responses=LogOutput(many=True),
        summary="Use, cleaning and calibration in order of time",
        tags=TAGS,
    )
    def get(self, request: Request, unit_id: UUID) -> Response:
        return self.answer(queries.log_of(unit_for(self.user, unit_id)), many=True)
