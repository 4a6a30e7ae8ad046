"""A batch from one operator to the next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS
from batches.models import HandOver
from batches.queries.hand_over import standing
from mes.accounts.services import prove
from mes.accounts.sessions import hand_to
from mes.accounts.tokens import CookieAuthentication
from mes.api import ActView, WordsField, by_id
from mes.errors import NotPermitted


class StandingOutput(serializers.Serializer[Any]):
    """How a batch stands, line by line, for whoever takes it over."""

    timers = serializers.ListField(child=WordsField())
    exceptions = serializers.ListField(child=WordsField())
    entries = serializers.ListField(child=WordsField())


class HandOverOutput(serializers.ModelSerializer[HandOver]):
    given_by = serializers.CharField(source="given_by.printed_name")
    taken_by = serializers.CharField(source="taken_by.printed_name")

    class Meta:
        model = HandOver
        fields = ["id", "batch", "step", "given_by", "taken_by", "note", "timers", "exceptions", "unsent", "at"]


class BatchStanding(ActView):
    permission = "batches.view"
    Output = StandingOutput

    @extend_schema(
        operation_id="batches_standing",
        responses=StandingOutput,
        summary="Timers that run, open exceptions and the latest entries of a batch",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return self.answer(standing(batch))


class HandOverStep(ActView):
    permission = "batches.execute"
    Output = HandOverOutput

    class Input(serializers.Serializer[Any]):
        note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
        badge = serializers.CharField(help_text="of the person who takes over")
        pin = serializers.CharField()
        unsent = serializers.DictField(
            child=serializers.IntegerField(min_value=0, max_value=10_000),
            required=False,
            default=dict,
            help_text="by user name: entries that are only on this tablet",
        )

    @extend_schema(
        operation_id="steps_hand_over",
        request=Input,
        responses={201: HandOverOutput},
        summary="Hand the batch to another operator at this tablet, who has the session from then on",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = by_id(queries.steps_visible_to(self.user), step_id, "step")
        given = self.read(request)
        if not isinstance(request.successful_authenticator, CookieAuthentication):
            raise NotPermitted("Two people hand over at a tablet. A program has no session that could go to another.")
        taking = prove(badge=given.pop("badge"), pin=given.pop("pin"))
        done = services.hand_over(actor=self.user, step=step, to=taking, **given)
        hand_to(request._request, taking)
        return self.answer(done, status=201)
