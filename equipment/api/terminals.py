"""Terminals: the devices that work is recorded at."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment import services
from equipment.api.common import TAGS, site_of
from equipment.models import Room
from equipment.terminals.models import Terminal
from equipment.terminals.queries import RIGHT, rooms_to_choose, terminals_visible_to
from mes.accounts.models import User
from mes.api import ActView, ListView, by_id

KEY_HELP = "sent in X-Terminal-Key with every call; shown this once"


class TerminalOutput(serializers.ModelSerializer[Terminal]):
    site = serializers.CharField(source="site.code")
    room = serializers.CharField(source="room.code", default=None, allow_null=True)

    class Meta:
        model = Terminal
        fields: tuple[str, ...] = ("id", "version", "site", "code", "name", "kind", "room", "retired_at")


class Made(TerminalOutput):
    key = serializers.CharField(help_text=KEY_HELP)

    class Meta(TerminalOutput.Meta):
        fields = (*TerminalOutput.Meta.fields, "key")


def terminal_for(user: User, terminal_id: UUID) -> Terminal:
    return cast(Terminal, by_id(terminals_visible_to(user), terminal_id, "terminal"))


def _room_for(user: User, room_id: UUID | None) -> Room | None:
    return cast(Room, by_id(rooms_to_choose(user), room_id, "room")) if room_id else None


def _with_key(made: Terminal, key: str) -> dict[str, Any]:
    return {**TerminalOutput(made).data, "key": key}


class Terminals(ListView):
    """Registered devices. The key of a new one is in the answer that makes it, and never again."""

    permission = {"get": RIGHT, "post": RIGHT}
    serializer_class = TerminalOutput
    shown_once = frozenset({"key"})

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField(help_text="site code")
        code = serializers.CharField(max_length=20)
        name = serializers.CharField(max_length=120)
        kind = serializers.ChoiceField(choices=Terminal.Kind.choices)
        room = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="none: every room")

    def get_queryset(self) -> QuerySet[Terminal]:
        if getattr(self, "swagger_fake_view", False):
            return Terminal.objects.none()
        return terminals_visible_to(self.user)

    @extend_schema(
        operation_id="terminals_list", responses=TerminalOutput(many=True), summary="List terminals", tags=TAGS
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="terminals_register",
        request=Input,
        responses={201: Made},
        summary="Register a terminal",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        site = site_of(self.user, given.pop("site"), RIGHT)
        room = _room_for(self.user, given.pop("room"))
        made, key = services.register_terminal(actor=self.user, site=site, room=room, **given)
        return Response(_with_key(made, key), status=201)


class MoveTerminal(ActView):
    permission = RIGHT
    Output = TerminalOutput

    class Input(serializers.Serializer[Any]):
        room = serializers.UUIDField(allow_null=True, help_text="none: every room of the site")

    @extend_schema(
        operation_id="terminals_move",
        request=Input,
        responses=TerminalOutput,
        summary="Move a terminal to a room",
        tags=TAGS,
    )
    def post(self, request: Request, terminal_id: UUID) -> Response:
        terminal = terminal_for(self.user, terminal_id)
        room = _room_for(self.user, self.read(request)["room"])
        return self.answer(services.move_terminal(actor=self.user, terminal=terminal, room=room))


class RenewTerminalKey(ActView):
    """Another key: what has the old one is this terminal no longer."""

    permission = RIGHT
    shown_once = frozenset({"key"})

    @extend_schema(
        operation_id="terminals_renew_key", request=None, responses=Made, summary="Renew a terminal's key", tags=TAGS
    )
    def post(self, request: Request, terminal_id: UUID) -> Response:
        terminal = terminal_for(self.user, terminal_id)
        return Response(_with_key(*services.renew_terminal_key(actor=self.user, terminal=terminal)))


class RetireTerminal(ActView):
    permission = RIGHT
    Output = TerminalOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=400)

    @extend_schema(
        operation_id="terminals_retire",
        request=Input,
        responses=TerminalOutput,
        summary="Retire a terminal",
        tags=TAGS,
    )
    def post(self, request: Request, terminal_id: UUID) -> Response:
        terminal = terminal_for(self.user, terminal_id)
        return self.answer(services.retire_terminal(actor=self.user, terminal=terminal, **self.read(request)))
