"""Calls for a supervisor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS
from batches.models import SupervisorCall
from batches.queries.calls import calls_of, calls_visible_to
from mes.api import ActView, WordsField, by_id


class CallOutput(serializers.ModelSerializer[SupervisorCall]):
    called_by = serializers.CharField(source="called_by.printed_name")
    words = WordsField()

    class Meta:
        model = SupervisorCall
        fields = ["id", "batch", "step", "reason", "called_by", "called_at", "pressed_at", "escalated_at"]
        fields += ["answered_at", "settled_at", "outcome", "status", "words"]


class CallInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class Calls(ActView):
    permission = {"get": "batches.view", "post": "batches.execute"}
    Input = CallInput
    Output = CallOutput

    @extend_schema(
        operation_id="steps_calls",
        responses=CallOutput(many=True),
        summary="The calls from this step, the latest last",
        tags=TAGS,
    )
    def get(self, request: Request, step_id: UUID) -> Response:
        step = by_id(queries.steps_visible_to(self.user), step_id, "step")
        return self.answer(calls_of(step.batch).filter(step=step), many=True)

    @extend_schema(
        operation_id="steps_call_supervisor",
        request=CallInput,
        responses={201: CallOutput},
        summary="Call a supervisor to this step",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = by_id(queries.steps_visible_to(self.user), step_id, "step")
        call = services.call_supervisor(actor=self.user, step=step, **self.read(request))
        return self.answer(call, status=201)


class CallActView(ActView):
    permission = "batches.answer_call"
    Output = CallOutput

    def call(self, call_id: UUID) -> SupervisorCall:
        found: SupervisorCall = by_id(calls_visible_to(self.user), call_id, "call")
        return found

    def shown(self, call: SupervisorCall) -> Response:
        return self.answer(calls_visible_to(self.user).get(pk=call.pk))


class AnswerCall(CallActView):
    @extend_schema(
        operation_id="calls_answer", request=None, responses=CallOutput, summary="Say that you are coming", tags=TAGS
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        return self.shown(services.answer_call(actor=self.user, call=self.call(call_id)))


class SettleCall(CallActView):
    class Input(serializers.Serializer[Any]):
        outcome = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="calls_settle",
        request=Input,
        responses=CallOutput,
        summary="Say that it is done, and what was done",
        tags=TAGS,
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        return self.shown(services.settle_call(actor=self.user, call=self.call(call_id), **self.read(request)))


class WithdrawCall(CallActView):
    permission = "batches.execute"

    @extend_schema(
        operation_id="calls_withdraw",
        request=None,
        responses=CallOutput,
        summary="Say that nobody needs to come any more",
        tags=TAGS,
    )
    def post(self, request: Request, call_id: UUID) -> Response:
        return self.shown(services.withdraw_call(actor=self.user, call=self.call(call_id)))
