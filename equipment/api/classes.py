"""The equipment classes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment.api.common import TAGS
from equipment.classes import EQUIPMENT_CLASSES
from mes.api import ActView


class SetpointOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    unit = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    default = serializers.FloatField()
    safe = serializers.FloatField()


class CommandPageOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    minutes = serializers.FloatField()
    setpoints = SetpointOutput(many=True)


class TagOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not its caption
    unit = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    module = serializers.CharField()


class ClassOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    closed = serializers.BooleanField()
    shared = serializers.BooleanField()
    tags = TagOutput(many=True)
    commands = CommandPageOutput(many=True)


class Classes(ActView):
    permission = "equipment.view"
    Output = ClassOutput

    @extend_schema(
        operation_id="equipment_classes",
        responses=ClassOutput(many=True),
        summary="What each equipment class measures and can be told",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return self.answer(list(EQUIPMENT_CLASSES.values()), many=True)
