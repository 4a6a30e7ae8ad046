"""Commands to units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import services
from equipment.api.common import TAGS
from equipment.api.units import unit_for
from equipment.models import Command
from equipment.states import CommandStatus
from mes.api import ActView, ListView, by_id
from mes.quantities import Quantity, parse_decimal


class QuantityText(serializers.Serializer[Any]):
    value = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> Any:
        return Quantity(parse_decimal(attrs["value"]), attrs["unit"])


class CommandOutput(serializers.ModelSerializer[Command]):
    unit = serializers.CharField(source="unit.code")
    requested_by = serializers.CharField(source="requested_by.printed_name")

    class Meta:
        model = Command
        fields = ["id", "version", "unit", "name", "setpoints", "status", "batch_id", "step_id", "to_safety"]
        fields += ["attempts", "read_back", "failure", "requested_by", "requested_at", "sent_at"]
        fields += ["acknowledged_at", "finished_at"]


@extend_schema_view(
    get=extend_schema(
        operation_id="units_commands",
        parameters=[OpenApiParameter("status", str, enum=CommandStatus.values)],
        responses=CommandOutput,
        summary="Commands to a unit, newest first",
        tags=TAGS,
    )
)
class Commands(ListView):
    permission = {"get": "equipment.view", "post": "equipment.command"}
    serializer_class = CommandOutput

    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=40)
        setpoints = serializers.DictField(child=QuantityText(), required=False)
        batch_id = serializers.UUIDField(required=False)
        step_id = serializers.UUIDField(required=False)

    def get_queryset(self) -> QuerySet[Command]:
        if getattr(self, "swagger_fake_view", False):
            return Command.objects.none()
        unit = unit_for(self.user, self.kwargs["unit_id"])
        commands = unit.commands.select_related("unit", "requested_by")
        status = self.request.query_params.get("status")
        return commands.filter(status=status) if status else commands

    @extend_schema(
        operation_id="units_command",
        request=Input,
        responses={202: CommandOutput},
        summary="Move a unit to a state",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        command = services.request_command(actor=self.user, unit=unit, **form.validated_data)
        return Response(CommandOutput(command).data, status=202)


class CommandView(ActView):
    permission = "equipment.view"
    Output = CommandOutput

    @extend_schema(
        operation_id="equipment_commands_read", responses=CommandOutput, summary="How far a command has come", tags=TAGS
    )
    def get(self, request: Request, command_id: UUID) -> Response:
        visible = Command.objects.filter(unit__site_id__in=self.user.sites_for("equipment.view"))
        return self.answer(by_id(visible.select_related("unit", "requested_by"), command_id, "command"))
