"""Rooms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import queries, services
from equipment.api.common import TAGS, CheckedActView, site_of
from equipment.models import Grade, Room
from equipment.states import RoomStatus
from mes.accounts.models import User
from mes.api import ActView, SignatureInput, by_id


class RoomOutput(serializers.ModelSerializer[Room]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Room
        fields = ["id", "version", "site", "code", "name", "grade", "status", "batch_id", "coi_id"]


def room_for(user: User, room_id: UUID) -> Room:
    room: Room = by_id(queries.rooms_visible_to(user), room_id, "room")
    return room


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
