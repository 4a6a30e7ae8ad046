"""Calls about the records themselves: the audit trail, the access log, the state of the seal."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.api import ActView, KeysetPagination, ListView, SignatureInput, by_id, credential
from mes.records import queries
from mes.records.models import Event, SecurityEvent, Signature
from mes.records.sealing import latest_checkpoint, proof_for
from mes.records.signing import authenticate_signer
from mes.records.withdrawing import site_of, withdraw_signature


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


class AccessFilter(serializers.Serializer[Any]):
    username = serializers.CharField(required=False, allow_blank=True, default="")
    kind = serializers.CharField(required=False, allow_blank=True, default="", help_text="e.g. sign_in_failed")
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
        form = AccessFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return queries.access_log(self.user.sites_for("accounts.manage"), **form.validated_data)

    @extend_schema(
        parameters=[AccessFilter],
        responses=SecurityEventOutput(many=True),
        summary="The access log",
        tags=["records"],
        operation_id="security_events_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class SignatureOutput(serializers.ModelSerializer[Signature]):
    """A signature as it was given, and how it was taken back, where it was."""

    withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = Signature
        fields = (
            *("id", "printed_name", "username", "role", "meaning", "at", "timezone", "subject_type", "subject_id"),
            *("subject_version", "manifest", "manifest_digest", "full_credential", "withdrawn"),
        )

    def get_withdrawn(self, signature: Signature) -> list[dict[str, Any]]:
        """The reason, and the signature under the withdrawal."""
        if not signature.is_withdrawn:
            return []
        reason = signature.withdrawal.reason
        return [{"reason": reason, **line} for line in queries.signature_lines(signature.withdrawal)]


class OneSignature(ActView):
    """A signature with what was signed. There is no way to delete it."""

    permission = "records.view"
    Output = SignatureOutput

    @extend_schema(responses=SignatureOutput, summary="A signature", tags=["records"], operation_id="signature")
    def get(self, request: Request, signature_id: UUID) -> Response:
        visible = queries.signatures_visible(self.user.sites_for("records.view"))
        return self.answer(by_id(visible, signature_id, "signature"))


class WithdrawSignature(ActView):
    """Take one's own signature back, with a reason and a full credential. Both acts stay in the record."""

    permission = "records.view"
    Output = SignatureOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField()
        signature = SignatureInput()

    @extend_schema(
        request=Input,
        responses=SignatureOutput,
        summary="Withdraw my signature",
        tags=["records"],
        operation_id="signature_withdraw",
    )
    def post(self, request: Request, signature_id: UUID) -> Response:
        visible = queries.signatures_visible(self.user.sites_for("records.view"))
        found = by_id(visible, signature_id, "signature")
        data = self.read(request)
        signer = authenticate_signer(
            credential(request), meaning="withdrawn", site=site_of(found), acting=self.user, full=True
        )
        withdraw_signature(actor=self.user, signature=found, signer=signer, reason=data["reason"])
        return self.answer(by_id(visible.all(), signature_id, "signature"))


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
