"""Calls on additions to a batch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS
from batches.models import Redline
from batches.queries.redlines import redlines_of, redlines_visible_to
from mes.api import ActView, SignatureInput, by_id, check_version, credential
from mes.records.queries import manifest_digest
from mes.records.signing import authenticate_signer


class RedlineOutput(serializers.ModelSerializer[Redline]):
    after = serializers.CharField(source="after.key")
    proposed_by = serializers.CharField(source="proposed_by.printed_name")
    decided_by = serializers.CharField(source="decided_by.printed_name", default="")
    digest = serializers.SerializerMethodField()

    class Meta:
        model = Redline
        fields = ["id", "version", "batch", "key", "after", "spec", "severity", "waits", "reason", "proposed_by"]
        fields += ["proposed_at", "status", "decided_by", "decided_at", "decision", "step", "digest"]

    def get_digest(self, found: Redline) -> str:
        return manifest_digest(found)


class Redlines(ActView):
    permission = "batches.view"
    Output = RedlineOutput

    @extend_schema(
        operation_id="batches_redlines",
        responses=RedlineOutput(many=True),
        summary="The additions to a batch, proposed and decided",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return self.answer(redlines_of(batch), many=True)


class RedlineInput(serializers.Serializer[Any]):
    """`kind`, `title`, `text`, `entries`, `sample` and `signature` are written as in a recipe document."""

    kind = serializers.ChoiceField(choices=["instruction", "entry", "sample", "signature"])
    title = serializers.CharField(max_length=80)
    text = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    entries = serializers.ListField(child=serializers.DictField(), required=False, default=list, max_length=3)
    sample = serializers.DictField(required=False, allow_null=True, default=None)
    signature = serializers.ChoiceField(
        choices=["none", "performed", "verified_observed", "verified_blind"], required=False, default="none"
    )
    reason = serializers.CharField(max_length=2000)
    waits = serializers.BooleanField(required=False, default=False)


class ProposeRedline(ActView):
    permission = "batches.redline"
    Input = RedlineInput
    Output = RedlineOutput

    @extend_schema(
        operation_id="steps_propose_redline",
        request=RedlineInput,
        responses={201: RedlineOutput},
        summary="Propose a step after this one, for this batch alone",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = by_id(queries.steps_visible_to(self.user), step_id, "step")
        data = self.read(request)
        reason, waits = data.pop("reason"), data.pop("waits")
        made = services.propose_redline(actor=self.user, after=step, addition=data, reason=reason, waits=waits)
        return self.answer(made, status=201)


class RedlineActView(ActView):
    Output = RedlineOutput

    def redline(self, redline_id: UUID) -> Redline:
        found: Redline = by_id(redlines_visible_to(self.user), redline_id, "redline")
        check_version(self.request, found)
        return found

    def shown(self, redline: Redline) -> Response:
        return self.answer(redlines_visible_to(self.user).get(pk=redline.pk))


class RedlineView(RedlineActView):
    permission = "batches.view"

    @extend_schema(operation_id="redlines_get", responses=RedlineOutput, summary="An addition to a batch", tags=TAGS)
    def get(self, request: Request, redline_id: UUID) -> Response:
        return self.shown(self.redline(redline_id))


class ApproveRedline(RedlineActView):
    permission = "batches.approve_redline"

    class Input(serializers.Serializer[Any]):
        signature = SignatureInput()

    @extend_schema(
        operation_id="redlines_approve",
        request=Input,
        responses=RedlineOutput,
        summary="Put a step somebody else proposed into the batch, over a signature",
        tags=TAGS,
    )
    def post(self, request: Request, redline_id: UUID) -> Response:
        found = self.redline(redline_id)
        self.read(request)
        signer = authenticate_signer(
            credential(request), meaning="approved", site=found.site, acting=self.user, subject=found
        )
        return self.shown(services.approve_redline(actor=self.user, redline=found, signer=signer))


class RedlineReason(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class RefuseRedline(RedlineActView):
    permission = "batches.approve_redline"
    Input = RedlineReason

    @extend_schema(
        operation_id="redlines_refuse",
        request=RedlineReason,
        responses=RedlineOutput,
        summary="Refuse a step somebody else proposed",
        tags=TAGS,
    )
    def post(self, request: Request, redline_id: UUID) -> Response:
        found = self.redline(redline_id)
        return self.shown(services.refuse_redline(actor=self.user, redline=found, **self.read(request)))


class WithdrawRedline(RedlineActView):
    permission = "batches.redline"
    Input = RedlineReason

    @extend_schema(
        operation_id="redlines_withdraw",
        request=RedlineReason,
        responses=RedlineOutput,
        summary="Withdraw a proposal nobody has decided on",
        tags=TAGS,
    )
    def post(self, request: Request, redline_id: UUID) -> Response:
        found = self.redline(redline_id)
        return self.shown(services.withdraw_redline(actor=self.user, redline=found, **self.read(request)))
