"""Units: what they are, whether they are fit, bringing them in and taking them out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import queries, services
from equipment.adapters import ADAPTERS
from equipment.api.common import TAGS, site_of
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import CLASS_CHOICES, Unit
from mes import clock
from mes.accounts.models import User
from mes.api import ActView, ListView, by_id


class ReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    subject = serializers.CharField()


class OccupantOutput(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    coi_id = serializers.CharField()
    since = serializers.DateTimeField()


class UnitOutput(serializers.ModelSerializer[Unit]):
    """A unit with its fitness for a new batch now."""

    site = serializers.CharField(source="site.code")
    room = serializers.CharField(source="room.code")
    class_name = serializers.CharField(source="page.name")
    occupied_by = OccupantOutput(source="open_occupancies", many=True)
    reasons_unfit = serializers.SerializerMethodField()

    class Meta:
        model = Unit
        fields = ["id", "version", "site", "room", "code", "name", "class_code", "class_name", "barcode"]
        fields += ["area", "process_cell", "adapter", "address", "status", "qualified_until", "calibration_due"]
        fields += ["cleaning_due", "occupied_by", "reasons_unfit"]

    @extend_schema_field(ReasonOutput(many=True))
    def get_reasons_unfit(self, unit: Unit) -> list[dict[str, str]]:
        now = clock.now(unit.site)
        found = queries.reasons_unfit(unit, class_code=unit.class_code, batch_id=None, at=now)
        return [asdict(reason) for reason in found]


def unit_for(user: User, unit_id: UUID) -> Unit:
    unit: Unit = by_id(queries.units_visible_to(user), unit_id, "unit")
    return unit


@extend_schema_view(
    get=extend_schema(
        operation_id="units_list",
        parameters=[
            OpenApiParameter("site", str, description="Code of a site"),
            OpenApiParameter("class_code", str, enum=sorted(EQUIPMENT_CLASSES)),
            OpenApiParameter("room", str, description="Code of a room"),
        ],
        responses=UnitOutput,
        summary="Units with their fitness",
        tags=TAGS,
    )
)
class Units(ListView):
    permission = {"get": "equipment.view", "post": "equipment.maintain"}
    serializer_class = UnitOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        room = serializers.CharField()
        code = serializers.CharField(max_length=40)
        name = serializers.CharField(max_length=200)
        class_code = serializers.ChoiceField(choices=CLASS_CHOICES)
        area = serializers.CharField(max_length=80)
        process_cell = serializers.CharField(max_length=80)
        barcode = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
        adapter = serializers.ChoiceField(choices=sorted(ADAPTERS), required=False, default="", allow_blank=True)
        address = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    def get_queryset(self) -> QuerySet[Unit]:
        units = queries.units_visible_to(self.user)
        names = {"site": "site__code", "class_code": "class_code", "room": "room__code"}
        wanted = self.request.query_params
        return units.filter(**{field: wanted[name] for name, field in names.items() if wanted.get(name)})

    @extend_schema(
        operation_id="units_add", request=Input, responses={201: UnitOutput}, summary="Bring in a unit", tags=TAGS
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data: dict[str, Any] = dict(form.validated_data)
        site = site_of(self.user, data.pop("site"), "equipment.maintain")
        room = queries.find_room(site, data.pop("room"))
        unit = services.add_unit(actor=self.user, site=site, room=room, **data)
        return Response(UnitOutput(unit_for(self.user, unit.id)).data, status=201)


class UnitView(ActView):
    permission = "equipment.view"
    Output = UnitOutput

    @extend_schema(operation_id="units_read", responses=UnitOutput, summary="One unit", tags=TAGS)
    def get(self, request: Request, unit_id: UUID) -> Response:
        return self.answer(unit_for(self.user, unit_id))


class UnitLookup(ActView):
    permission = "equipment.view"
    Output = UnitOutput

    @extend_schema(
        operation_id="units_lookup",
        parameters=[OpenApiParameter("site", str, required=True), OpenApiParameter("code", str, required=True)],
        responses=UnitOutput,
        summary="The unit behind a scanned barcode",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        wanted = request.query_params
        site = site_of(self.user, wanted.get("site", ""), "equipment.view")
        unit = queries.find_unit(site, wanted.get("code", ""))
        return self.answer(unit_for(self.user, unit.id))


class ConnectUnit(ActView):
    permission = "equipment.maintain"
    Output = UnitOutput

    class Input(serializers.Serializer[Any]):
        adapter = serializers.ChoiceField(choices=sorted(ADAPTERS), allow_blank=True)
        address = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="units_connect",
        request=Input,
        responses=UnitOutput,
        summary="Say how the gateway reaches a unit",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        services.connect_unit(actor=self.user, unit=unit_for(self.user, unit_id), **self.read(request))
        return self.answer(unit_for(self.user, unit_id))


class QualifyUnit(ActView):
    permission = "equipment.maintain"
    Output = UnitOutput

    class Input(serializers.Serializer[Any]):
        until = serializers.DateTimeField()
        report = serializers.CharField(max_length=120)

    @extend_schema(
        operation_id="units_qualify", request=Input, responses=UnitOutput, summary="Qualify a unit", tags=TAGS
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        services.qualify_unit(actor=self.user, unit=unit, **self.read(request))
        return self.answer(unit_for(self.user, unit_id))


class TakeUnitOut(ActView):
    permission = "equipment.maintain"
    Output = UnitOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=1000)

    @extend_schema(
        operation_id="units_take_out",
        request=Input,
        responses=UnitOutput,
        summary="Take a unit out of service",
        tags=TAGS,
    )
    def post(self, request: Request, unit_id: UUID) -> Response:
        unit = unit_for(self.user, unit_id)
        services.take_unit_out(actor=self.user, unit=unit, **self.read(request))
        return self.answer(unit_for(self.user, unit_id))
