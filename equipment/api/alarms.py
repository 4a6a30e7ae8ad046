"""Alarms and what calls for them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import services
from equipment.alarms.models import OWNERS, AlarmKind, Priority
from equipment.alarms.queries import alarms_visible_to, definitions_visible_to, narrowed
from equipment.api.units import unit_for
from equipment.models import Alarm, AlarmDefinition
from equipment.states import AlarmStatus
from mes.accounts.models import User
from mes.api import ActView, ListView, SignatureInput, by_id, signer_given

TAGS = ["alarms"]


class AlarmOutput(serializers.ModelSerializer[Alarm]):
    """One alarm with what it means, what to do, and who did what about it."""

    site = serializers.CharField(source="unit.site.code")
    unit = serializers.CharField(source="unit.code")
    what = serializers.CharField()
    acknowledged_by = serializers.CharField(source="acknowledged_by.printed_name", default=None, allow_null=True)
    shelved_by = serializers.CharField(source="shelved_by.printed_name", default=None, allow_null=True)

    class Meta:
        model = Alarm
        fields = ["id", "version", "site", "unit", "definition_id", "kind", "status", "priority", "what", "tag"]
        fields += ["value", "measured_in", "low", "high", "consequence", "response", "batch_ids", "coi_ids"]
        fields += ["is_late", "began_at", "raised_at", "cleared_at", "known_at", "acknowledged_by"]
        fields += ["acknowledged_at", "comment", "comment_required", "shelved_by", "shelved_until"]
        fields += ["shelf_reason", "escalation", "useful", "respond_minutes", "owner"]


class DefinitionOutput(serializers.ModelSerializer[AlarmDefinition]):
    site = serializers.CharField(source="unit.site.code")
    unit = serializers.CharField(source="unit.code")
    unit_id = serializers.UUIDField()
    measured_in = serializers.CharField()

    class Meta:
        model = AlarmDefinition
        fields = ["id", "version", "site", "unit", "unit_id", "kind", "tag", "low", "high", "deadband", "measured_in"]
        fields += ["delay_seconds", "priority", "consequence", "response", "respond_minutes", "owner"]
        fields += ["comment_required", "status"]


def alarm_for(user: User, alarm_id: UUID) -> Alarm:
    alarm: Alarm = by_id(alarms_visible_to(user), alarm_id, "alarm")
    return alarm


def definition_for(user: User, definition_id: UUID) -> AlarmDefinition:
    definition: AlarmDefinition = by_id(definitions_visible_to(user), definition_id, "alarm definition")
    return definition


class AlarmFilter(serializers.Serializer[Any]):
    site = serializers.CharField(required=False)
    unit = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=AlarmStatus.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    batch_id = serializers.UUIDField(required=False)


@extend_schema_view(
    get=extend_schema(
        operation_id="alarms_list",
        parameters=[
            OpenApiParameter("site", str, description="Code of a site"),
            OpenApiParameter("unit", str, description="Code of a unit"),
            OpenApiParameter("status", str, enum=AlarmStatus.values),
            OpenApiParameter("priority", str, enum=Priority.values),
            OpenApiParameter("batch_id", OpenApiTypes.UUID, description="A batch that was in the unit"),
        ],
        responses=AlarmOutput,
        summary="Alarms, newest first",
        tags=TAGS,
    )
)
class Alarms(ListView):
    permission = "equipment.view"
    serializer_class = AlarmOutput

    def get_queryset(self) -> QuerySet[Alarm]:
        form = AlarmFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return narrowed(alarms_visible_to(self.user), form.validated_data)


class AlarmView(ActView):
    permission = "equipment.view"
    Output = AlarmOutput

    @extend_schema(operation_id="alarms_read", responses=AlarmOutput, summary="One alarm", tags=TAGS)
    def get(self, request: Request, alarm_id: UUID) -> Response:
        return self.answer(alarm_for(self.user, alarm_id))


class AcknowledgeAlarm(ActView):
    permission = "equipment.acknowledge"
    Output = AlarmOutput

    class Input(serializers.Serializer[Any]):
        comment = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
        signature = SignatureInput(required=False, help_text="needed for priority 1")

    @extend_schema(
        operation_id="alarms_acknowledge",
        request=Input,
        responses=AlarmOutput,
        summary="Acknowledge an alarm: it is seen, not solved",
        tags=TAGS,
    )
    def post(self, request: Request, alarm_id: UUID) -> Response:
        alarm = alarm_for(self.user, alarm_id)
        comment = self.read(request)["comment"]
        signer = signer_given(request, meaning=services.ACKNOWLEDGED, site=alarm.site, acting=self.user)
        services.acknowledge_alarm(actor=self.user, alarm=alarm, comment=comment, signer=signer)
        return self.answer(alarm_for(self.user, alarm_id))


class ShelveAlarm(ActView):
    permission = "equipment.shelve"
    Output = AlarmOutput

    class Input(serializers.Serializer[Any]):
        until = serializers.DateTimeField()
        reason = serializers.CharField(max_length=1000)

    @extend_schema(
        operation_id="alarms_shelve",
        request=Input,
        responses=AlarmOutput,
        summary="Shelve an alarm until a time, with a reason; it comes back by itself",
        tags=TAGS,
    )
    def post(self, request: Request, alarm_id: UUID) -> Response:
        alarm = alarm_for(self.user, alarm_id)
        services.shelve_alarm(actor=self.user, alarm=alarm, **self.read(request))
        return self.answer(alarm_for(self.user, alarm_id))


class RateAlarm(ActView):
    permission = "equipment.acknowledge"
    Output = AlarmOutput

    class Input(serializers.Serializer[Any]):
        useful = serializers.BooleanField()

    @extend_schema(
        operation_id="alarms_rate",
        request=Input,
        responses=AlarmOutput,
        summary="Say whether it was worth an alarm, once it is back to normal",
        tags=TAGS,
    )
    def post(self, request: Request, alarm_id: UUID) -> Response:
        services.rate_alarm(actor=self.user, alarm=alarm_for(self.user, alarm_id), **self.read(request))
        return self.answer(alarm_for(self.user, alarm_id))


class _Facts(serializers.Serializer[Any]):
    low = serializers.DecimalField(max_digits=16, decimal_places=6, required=False, allow_null=True)
    high = serializers.DecimalField(max_digits=16, decimal_places=6, required=False, allow_null=True)
    deadband = serializers.DecimalField(max_digits=16, decimal_places=6, required=False, min_value=0)
    delay_seconds = serializers.IntegerField(required=False, min_value=0, max_value=86_400)
    owner = serializers.ChoiceField(choices=OWNERS, required=False, help_text="the role that answers for it")
    comment_required = serializers.BooleanField(required=False)


@extend_schema_view(
    get=extend_schema(
        operation_id="alarm_definitions_list",
        parameters=[OpenApiParameter("unit", str, description="Code of a unit")],
        responses=DefinitionOutput,
        summary="What calls for an alarm",
        tags=TAGS,
    )
)
class Definitions(ListView):
    permission = {"get": "equipment.view", "post": "equipment.define_alarm"}
    serializer_class = DefinitionOutput

    class Input(_Facts):
        unit_id = serializers.UUIDField()
        kind = serializers.ChoiceField(choices=AlarmKind.choices, required=False)
        tag = serializers.CharField(max_length=40, required=False, allow_blank=True)
        priority = serializers.ChoiceField(choices=Priority.choices)
        consequence = serializers.CharField(max_length=300)
        response = serializers.CharField(
            max_length=300, allow_blank=True, help_text="what a person does; empty only for an event"
        )
        respond_minutes = serializers.IntegerField(min_value=1, help_text="at most 10 for p1, 60 for p2, else 720")

    def get_queryset(self) -> QuerySet[AlarmDefinition]:
        definitions = definitions_visible_to(self.user)
        unit = self.request.query_params.get("unit")
        return definitions.filter(unit__code=unit) if unit else definitions

    @extend_schema(
        operation_id="alarm_definitions_add",
        request=Input,
        responses={201: DefinitionOutput},
        summary="Define an alarm; refused without a response, unless it is an event",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data: dict[str, Any] = dict(form.validated_data)
        unit = unit_for(self.user, data.pop("unit_id"))
        definition = services.define_alarm(actor=self.user, unit=unit, **data)
        return Response(DefinitionOutput(definition).data, status=201)


class DefinitionView(ActView):
    permission = "equipment.view"
    Output = DefinitionOutput

    @extend_schema(
        operation_id="alarm_definitions_read", responses=DefinitionOutput, summary="One definition", tags=TAGS
    )
    def get(self, request: Request, definition_id: UUID) -> Response:
        return self.answer(definition_for(self.user, definition_id))


class ChangeDefinition(ActView):
    permission = "equipment.define_alarm"
    Output = DefinitionOutput

    class Input(_Facts):
        priority = serializers.ChoiceField(choices=Priority.choices, required=False)
        consequence = serializers.CharField(max_length=300, required=False)
        response = serializers.CharField(max_length=300, required=False, allow_blank=True)
        respond_minutes = serializers.IntegerField(min_value=1, required=False)
        reason = serializers.CharField(max_length=1000)

    @extend_schema(
        operation_id="alarm_definitions_change",
        request=Input,
        responses=DefinitionOutput,
        summary="Change limits, priority or words, with a reason",
        tags=TAGS,
    )
    def post(self, request: Request, definition_id: UUID) -> Response:
        definition = definition_for(self.user, definition_id)
        services.change_definition(actor=self.user, definition=definition, **self.read(request))
        return self.answer(definition_for(self.user, definition_id))


class WithdrawDefinition(ActView):
    permission = "equipment.define_alarm"
    Output = DefinitionOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=1000)

    @extend_schema(
        operation_id="alarm_definitions_withdraw",
        request=Input,
        responses=DefinitionOutput,
        summary="Withdraw a definition, with a reason",
        tags=TAGS,
    )
    def post(self, request: Request, definition_id: UUID) -> Response:
        definition = definition_for(self.user, definition_id)
        services.withdraw_definition(actor=self.user, definition=definition, **self.read(request))
        return self.answer(definition_for(self.user, definition_id))
