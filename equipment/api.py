"""Equipment over /api/v1/."""

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
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import CLASS_CHOICES, Calibration, Cleaning, Command, Grade, Room, Unit
from equipment.readings import MOST_POINTS
from equipment.states import CommandStatus, RoomStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.api import ActView, ListView, SignatureInput, by_id, credential
from mes.errors import NotFound
from mes.quantities import Quantity, parse_decimal
from mes.records.signing import Signer, authenticate_signer

TAGS = ["equipment"]


class ReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    subject = serializers.CharField()


class RoomOutput(serializers.ModelSerializer[Room]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Room
        fields = ["id", "version", "site", "code", "name", "grade", "status", "batch_id", "coi_id"]


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
        fields += ["area", "process_cell", "adapter", "status", "qualified_until", "calibration_due"]
        fields += ["cleaning_due", "occupied_by", "reasons_unfit"]

    @extend_schema_field(ReasonOutput(many=True))
    def get_reasons_unfit(self, unit: Unit) -> list[dict[str, str]]:
        now = clock.now(unit.site)
        found = queries.reasons_unfit(unit, class_code=unit.class_code, batch_id=None, at=now)
        return [asdict(reason) for reason in found]


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
    state = serializers.ChoiceField(choices=["live", "late", "down", "not_known"])


class LogOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    what = serializers.CharField()
    detail = serializers.CharField()
    batch_id = serializers.UUIDField(allow_null=True)
    performed_by = serializers.CharField()
    checked_by = serializers.CharField()


def unit_for(user: User, unit_id: UUID) -> Unit:
    unit: Unit = by_id(queries.units_visible_to(user), unit_id, "unit")
    return unit


def room_for(user: User, room_id: UUID) -> Room:
    room: Room = by_id(queries.rooms_visible_to(user), room_id, "room")
    return room


def site_of(user: User, code: str, permission: str) -> Site:
    site = Site.objects.filter(code=code, id__in=user.sites_for(permission)).first()
    if site is None:
        raise NotFound(f"There is no site {code} where you may do this.", site=code)
    return site


class CheckedActView(ActView):
    """An act that a second person checks and signs in the same call, under `verification`."""

    def checker(self, request: Request, site: Site) -> Signer:
        given = credential(request, "verification")
        return authenticate_signer(given, meaning="checked", site=site, acting=self.user)


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
        barcode = serializers.CharField(max_length=100, required=False, default="")
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
        data = self.read(request)
        services.qualify_unit(actor=self.user, unit=unit_for(self.user, unit_id), **data)
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
        reason = self.read(request)["reason"]
        services.take_unit_out(actor=self.user, unit=unit_for(self.user, unit_id), reason=reason)
        return self.answer(unit_for(self.user, unit_id))


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


class Rooms(ActView):
    permission = {"get": "equipment.view", "post": "equipment.maintain"}
    Output = RoomOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        code = serializers.CharField(max_length=40)
        name = serializers.CharField(max_length=200)
        grade = serializers.ChoiceField(choices=Grade.choices)

    @extend_schema(operation_id="rooms_list", responses=RoomOutput(many=True), summary="Rooms", tags=TAGS)
    def get(self, request: Request) -> Response:
        return self.answer(queries.rooms_visible_to(self.user), many=True)

    @extend_schema(
        operation_id="rooms_add", request=Input, responses={201: RoomOutput}, summary="Add a room", tags=TAGS
    )
    def post(self, request: Request) -> Response:
        data = self.read(request)
        site = site_of(self.user, data.pop("site"), "equipment.maintain")
        return self.answer(services.add_room(actor=self.user, site=site, **data), status=201)


class RoomView(ActView):
    permission = "equipment.view"
    Output = RoomOutput

    @extend_schema(operation_id="rooms_read", responses=RoomOutput, summary="One room", tags=TAGS)
    def get(self, request: Request, room_id: UUID) -> Response:
        return self.answer(room_for(self.user, room_id))


class SetRoomStatus(CheckedActView):
    """To clean with `procedure` and `verification`; out of service with `reason`; to be cleaned with neither."""

    permission = "equipment.clean"
    Output = RoomOutput

    class Input(serializers.Serializer[Any]):
        status = serializers.ChoiceField(choices=RoomStatus.choices)
        reason = serializers.CharField(required=False, default="", allow_blank=True)
        procedure = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
        verification = SignatureInput(required=False, write_only=True)

    @extend_schema(
        operation_id="rooms_set_status", request=Input, responses=RoomOutput, summary="Set a room's status", tags=TAGS
    )
    def post(self, request: Request, room_id: UUID) -> Response:
        room = room_for(self.user, room_id)
        data = self.read(request)
        checker = self.checker(request, room.site) if data.pop("verification", None) else None
        return self.answer(services.set_room_status(actor=self.user, room=room, checker=checker, **data))


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
