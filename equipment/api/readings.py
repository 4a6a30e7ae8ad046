"""What units measure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import queries
from equipment.adapters.base import Quality
from equipment.api.common import TAGS
from equipment.api.units import unit_for
from equipment.trends import MOST_POINTS
from mes.api import ActView


class BucketOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    last = serializers.FloatField()
    in_doubt = serializers.BooleanField()


class GapOutput(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class TrendOutput(serializers.Serializer[Any]):
    """One tag, downsampled to the minimum and maximum of each slice; gaps are listed, never filled."""

    unit_code = serializers.CharField()
    tag = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not its caption
    unit = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    buckets = BucketOutput(many=True)
    gaps = GapOutput(many=True)


class LiveOutput(serializers.Serializer[Any]):
    tag = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not its caption
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    quality = serializers.ChoiceField(choices=[each.value for each in Quality], allow_null=True)
    state = serializers.ChoiceField(choices=["live", "late", "down", "not_known"])


class Readings(ActView):
    permission = "equipment.view"
    Output = TrendOutput

    class Input(serializers.Serializer[Any]):
        tag = serializers.CharField()
        start = serializers.DateTimeField()
        end = serializers.DateTimeField()
        points = serializers.IntegerField(required=False, default=500, min_value=1, max_value=MOST_POINTS)

    @extend_schema(
        operation_id="units_readings",
        parameters=[Input],
        responses=TrendOutput,
        summary="The trend of one tag, with every peak and every gap",
        tags=TAGS,
    )
    def get(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        form = self.Input(data=request.query_params)
        form.is_valid(raise_exception=True)
        return self.answer(queries.trend(unit, **form.validated_data))


class Live(ActView):
    permission = "equipment.view"
    Output = LiveOutput

    @extend_schema(
        operation_id="units_live",
        responses=LiveOutput(many=True),
        summary="The newest value of each tag and how far to trust it",
        tags=TAGS,
    )
    def get(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        return self.answer(queries.live_values(unit), many=True)
