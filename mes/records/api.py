"""Calls about the records themselves: the audit trail, the access log, the state of the seal."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.accounts.models import User
from mes.api import ActView, KeysetPagination, ListView
from mes.records import queries
from mes.records.models import Event, SecurityEvent
from mes.records.sealing import latest_checkpoint, proof_for


class NewestFirst(KeysetPagination):
    ordering = ("-at", "-id")


class EventOutput(serializers.ModelSerializer[Event]):
    class Meta:
        model = Event
        exclude = ("txid", "database_user")


class SecurityEventOutput(serializers.ModelSerializer[SecurityEvent]):
    class Meta:
        model = SecurityEvent
        fields = "__all__"


class EventFilter(serializers.Serializer[Any]):
    person = serializers.UUIDField(required=False, default=None)
    batch = serializers.UUIDField(required=False, default=None)
    action = serializers.CharField(required=False, allow_blank=True, default="")
    since = serializers.DateTimeField(required=False, default=None)
    until = serializers.DateTimeField(required=False, default=None)


class Events(ListView):
    """The audit trail of the sites you may read, newest first."""

    permission = "records.view"
    serializer_class = EventOutput
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Event]:
        form = EventFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        return queries.events(
            self.user.sites_for("records.view"),
            actor_id=asked["person"],
            batch_id=asked["batch"],
            action=asked["action"],
            since=asked["since"],
            until=asked["until"],
        )

    @extend_schema(
        parameters=[EventFilter],
        responses=EventOutput(many=True),
        summary="The audit trail",
        tags=["records"],
        operation_id="events_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SecurityEvents(ListView):
    """Sign-ins, failures and refusals, newest first."""

    permission = "accounts.manage"
    serializer_class = SecurityEventOutput
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[SecurityEvent]:
        people = User.objects.filter(grants__site__in=self.user.sites_for("accounts.manage")).values("id")
        found = SecurityEvent.objects.filter(Q(user_id__in=people) | Q(user_id=None))
        username = self.request.query_params.get("username")
        return found.filter(username__iexact=username) if username else found

    @extend_schema(
        parameters=[OpenApiParameter("username", str)],
        responses=SecurityEventOutput(many=True),
        summary="The access log",
        tags=["records"],
        operation_id="security_events_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class Seal(ActView):
    """The newest signed checkpoint of the log."""

    permission = "records.view"

    class Output(serializers.Serializer[Any]):
        size = serializers.IntegerField()
        root_hash = serializers.CharField(source="root")
        at = serializers.DateTimeField()
        key = serializers.CharField()
        signature = serializers.CharField()

    @extend_schema(responses=Output, summary="The newest checkpoint", tags=["records"], operation_id="seal")
    def get(self, request: Request) -> Response:
        head = latest_checkpoint()
        return self.answer(head) if head else Response(status=204)


class Proof(ActView):
    """The inclusion proof of one event."""

    permission = "records.view"

    class Output(serializers.Serializer[Any]):
        event = serializers.UUIDField()
        leaf = serializers.DictField()
        proof = serializers.ListField(child=serializers.CharField())
        checkpoint = serializers.DictField()

    @extend_schema(responses=Output, summary="Prove an event", tags=["records"], operation_id="event_proof")
    def get(self, request: Request, event_id: Any) -> Response:
        visible = queries.events(self.user.sites_for("records.view"))
        return self.answer(proof_for(visible.get(id=event_id).id))
