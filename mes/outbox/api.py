"""Calls about what leaves the house: receivers, messages, dead letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.accounts.models import Site
from mes.api import ActView, KeysetPagination, ListView, by_id
from mes.errors import InvalidInput
from mes.outbox import services
from mes.outbox.kinds import known_kinds
from mes.outbox.models import Channel, Message, Subscription
from mes.outbox.queries import messages_visible_to, subscriptions_visible_to
from mes.outbox.states import RIGHT, MessageState

TAGS = ["outbox"]


class SubscriptionOutput(serializers.ModelSerializer[Subscription]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Subscription
        fields = ("id", "site", "channel", "name", "address", "kinds", "party", "created_at", "status")


class MessageOutput(serializers.ModelSerializer[Message]):
    subscription = serializers.UUIDField(source="subscription_id")
    receiver = serializers.CharField(source="subscription.name")

    class Meta:
        model = Message
        fields = (
            "id", "subscription", "receiver", "kind", "subject_type", "subject_id", "subject_label", "title",
            "written_at", "due_at", "attempts", "last_error", "sent_at", "status",
        )  # fmt: skip


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=400)


class Subscriptions(ListView):
    """Receivers of webhooks and e-mail. The secret of a webhook is in the answer that makes it, and never again."""

    permission = {"get": RIGHT, "post": RIGHT}
    serializer_class = SubscriptionOutput
    shown_once = frozenset({"secret"})

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField(help_text="site code")
        channel = serializers.ChoiceField(choices=Channel.choices)
        name = serializers.CharField(max_length=100)
        address = serializers.CharField(max_length=500, help_text="a URL with https, or an e-mail address")
        kinds = serializers.ListField(child=serializers.CharField(), help_text="codes, e.g. batch.aborted")
        party = serializers.CharField(
            max_length=120, required=False, default="", allow_blank=True, help_text="only what concerns this clinic"
        )

    class Made(SubscriptionOutput):
        secret = serializers.CharField(help_text="signs webhooks; shown this once. Empty for e-mail")

        class Meta(SubscriptionOutput.Meta):
            fields = (*SubscriptionOutput.Meta.fields, "secret")  # type: ignore[assignment]

    def get_queryset(self) -> QuerySet[Subscription]:
        return subscriptions_visible_to(self.user)

    @extend_schema(
        responses=SubscriptionOutput(many=True),
        summary="List receivers",
        tags=TAGS,
        operation_id="subscriptions_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=Input, responses={201: Made}, summary="Add a receiver", tags=TAGS, operation_id="subscriptions_add"
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        site = Site.objects.get(code=given.pop("site"), id__in=self.user.sites_for(RIGHT))
        made, secret = services.subscribe(actor=self.user, site=site, **given)
        return Response({**SubscriptionOutput(made).data, "secret": secret}, status=201)


class Kinds(ActView):
    """What can be subscribed to."""

    permission = RIGHT

    class Output(serializers.Serializer[Any]):
        code = serializers.CharField()
        title = serializers.CharField()

    @extend_schema(
        responses=Output(many=True), summary="List what is announced", tags=TAGS, operation_id="subscriptions_kinds"
    )
    def get(self, request: Request) -> Response:
        return self.answer(list(known_kinds().values()), many=True)


class EndSubscription(ActView):
    """Tell a receiver nothing any more; what still waits for it is set aside."""

    permission = RIGHT
    Input, Output = ReasonInput, SubscriptionOutput

    @extend_schema(
        request=ReasonInput,
        responses=SubscriptionOutput,
        summary="End a subscription",
        tags=TAGS,
        operation_id="subscriptions_end",
    )
    def post(self, request: Request, subscription_id: UUID) -> Response:
        found = by_id(subscriptions_visible_to(self.user), subscription_id, "receiver")
        return self.answer(services.end_subscription(actor=self.user, subscription=found, **self.read(request)))


class TestSubscription(ActView):
    """Write a test message to a receiver."""

    permission = RIGHT

    @extend_schema(
        request=None, responses={204: None}, summary="Send a test", tags=TAGS, operation_id="subscriptions_test"
    )
    def post(self, request: Request, subscription_id: UUID) -> Response:
        found = by_id(subscriptions_visible_to(self.user), subscription_id, "receiver")
        services.send_test(actor=self.user, subscription=found)
        return Response(status=204)


class NewestWritten(KeysetPagination):
    ordering = "-position"


class Messages(ListView):
    """Messages, the last written first."""

    permission = RIGHT
    serializer_class = MessageOutput
    pagination_class = NewestWritten

    def get_queryset(self) -> QuerySet[Message]:
        found, status = messages_visible_to(self.user), self.request.query_params.get("status", "")
        if status and status not in MessageState.values:
            raise InvalidInput(f"No message is ever “{status}”.", field="status", known=MessageState.values)
        return found.filter(status=status) if status else found

    @extend_schema(
        parameters=[OpenApiParameter("status", str, enum=MessageState.values)],
        responses=MessageOutput(many=True),
        summary="List messages",
        tags=TAGS,
        operation_id="outbox_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class _Settle(ActView):
    permission = RIGHT
    Input, Output = ReasonInput, MessageOutput

    def settle(self, request: Request, message_id: UUID, act: Callable[..., Message]) -> Response:
        found = by_id(messages_visible_to(self.user), message_id, "message")
        return self.answer(act(actor=self.user, message=found, **self.read(request)))


class SendAgain(_Settle):
    """Try a dead letter anew."""

    @extend_schema(
        request=ReasonInput, responses=MessageOutput, summary="Send again", tags=TAGS, operation_id="outbox_send_again"
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        return self.settle(request, message_id, services.send_again)


class SetAside(_Settle):
    """Give up on a message, so that what stands behind it goes on."""

    @extend_schema(
        request=ReasonInput, responses=MessageOutput, summary="Set aside", tags=TAGS, operation_id="outbox_set_aside"
    )
    def post(self, request: Request, message_id: UUID) -> Response:
        return self.settle(request, message_id, services.set_aside)
