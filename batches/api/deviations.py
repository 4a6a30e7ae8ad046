"""Calls on exceptions and deviations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS, DeviationOutput, ExceptionOutput
from batches.models import Batch, Deviation, Severity
from mes.api import ActView, SignatureInput, by_id, check_version, credential, signer_given
from mes.records.signing import authenticate_signer


class Exceptions(ActView):
    permission = "batches.view"
    Output = ExceptionOutput

    @extend_schema(
        operation_id="batches_exceptions",
        responses=ExceptionOutput(many=True),
        summary="Every exception of a batch",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return self.answer(queries.exceptions_of(batch), many=True)


class DecideException(ActView):
    permission = "batches.approve_deviation"
    Output = ExceptionOutput

    class Input(serializers.Serializer[Any]):
        decision = serializers.CharField(max_length=2000)
        signature = SignatureInput()

    @extend_schema(
        operation_id="exceptions_decide",
        request=Input,
        responses=ExceptionOutput,
        summary="Decide on an exception, over a signature",
        tags=TAGS,
    )
    def post(self, request: Request, exception_id: UUID) -> Response:
        found = by_id(queries.exceptions_visible_to(self.user), exception_id, "exception")
        data = self.read(request)
        check_version(request, found)
        signer = authenticate_signer(
            credential(request),
            meaning="reviewed",
            site=found.batch.site,
            acting=self.user,
            subject=found,
        )
        services.decide_exception(actor=self.user, exception=found, decision=data["decision"], signer=signer)
        return self.answer(queries.exceptions_visible_to(self.user).get(pk=found.pk))


class DeviationInput(serializers.Serializer[Any]):
    """`exceptions` are the ids of those it explains, `photos` of those that show it; `step` where it happened."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=4000)
    severity = serializers.ChoiceField(choices=Severity.choices)
    exceptions = serializers.ListField(child=serializers.UUIDField(), required=False, default=list)
    step = serializers.UUIDField(required=False)
    blocks = serializers.BooleanField(required=False, default=False)
    photos = serializers.ListField(child=serializers.UUIDField(), required=False, default=list)
    second_person = SignatureInput(required=False, help_text="where the recipe asks for one while the step runs")


class Deviations(ActView):
    permission = {"get": "batches.view", "post": "batches.deviation"}
    Input = DeviationInput
    Output = DeviationOutput

    @extend_schema(
        operation_id="batches_deviations",
        responses=DeviationOutput(many=True),
        summary="The deviations of a batch",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        found = queries.deviations_of(batch).prefetch_related("exceptions", "photos")
        return self.answer(found, many=True)

    @extend_schema(
        operation_id="deviations_open",
        request=DeviationInput,
        responses={201: DeviationOutput},
        summary="Open a deviation",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        data = self.read(request)
        step_id, exception_ids, photo_ids = data.pop("step", None), data.pop("exceptions"), data.pop("photos")
        data.pop("second_person", None)
        deviation = services.open_deviation(
            actor=self.user,
            batch=batch,
            step=self._step(batch, step_id),
            exceptions=self._exceptions(exception_ids),
            photos=self._photos(photo_ids),
            witness=signer_given(request, meaning="verified", site=batch.site, acting=self.user, key="second_person"),
            **data,
        )
        return self.answer(deviation, status=201)

    def _step(self, batch: Batch, step_id: UUID | None) -> Any:
        return by_id(batch.steps.all(), step_id, "step") if step_id else None

    def _exceptions(self, ids: list[UUID]) -> list[Any]:
        visible = queries.exceptions_visible_to(self.user)
        return [by_id(visible, each, "exception") for each in ids]

    def _photos(self, ids: list[UUID]) -> list[Any]:
        visible = queries.photos_visible_to(self.user).select_related("step")
        return [by_id(visible, each, "photo") for each in ids]


class DeviationActView(ActView):
    Output = DeviationOutput

    def deviation(self, deviation_id: UUID) -> Deviation:
        found: Deviation = by_id(queries.deviations_visible_to(self.user), deviation_id, "deviation")
        check_version(self.request, found)
        return found

    def shown(self, deviation: Deviation) -> Response:
        return self.answer(queries.deviations_visible_to(self.user).get(pk=deviation.pk))


class DeviationView(DeviationActView):
    permission = "batches.view"

    @extend_schema(operation_id="deviations_get", responses=DeviationOutput, summary="A deviation", tags=TAGS)
    def get(self, request: Request, deviation_id: UUID) -> Response:
        return self.shown(self.deviation(deviation_id))


class Investigate(DeviationActView):
    permission = "batches.deviation"

    class Input(serializers.Serializer[Any]):
        investigation = serializers.CharField(max_length=8000)
        impact = serializers.CharField(max_length=4000)
        other_batches = serializers.CharField(max_length=4000)
        conclusion = serializers.CharField(max_length=4000)

    @extend_schema(
        operation_id="deviations_investigate",
        request=Input,
        responses=DeviationOutput,
        summary="Record investigation, impact, other batches and conclusion",
        tags=TAGS,
    )
    def post(self, request: Request, deviation_id: UUID) -> Response:
        found = self.deviation(deviation_id)
        return self.shown(services.investigate(actor=self.user, deviation=found, **self.read(request)))


class Approve(DeviationActView):
    permission = "batches.approve_deviation"

    class Input(serializers.Serializer[Any]):
        signature = SignatureInput()

    @extend_schema(
        operation_id="deviations_approve",
        request=Input,
        responses=DeviationOutput,
        summary="Approve somebody else's investigation",
        tags=TAGS,
    )
    def post(self, request: Request, deviation_id: UUID) -> Response:
        found = self.deviation(deviation_id)
        self.read(request)
        signer = authenticate_signer(
            credential(request),
            meaning="approved",
            site=found.site,
            acting=self.user,
            subject=found,
        )
        return self.shown(services.approve_deviation(actor=self.user, deviation=found, signer=signer))


class Close(DeviationActView):
    permission = "batches.approve_deviation"

    class Input(serializers.Serializer[Any]):
        follow_up = serializers.CharField(max_length=4000)

    @extend_schema(
        operation_id="deviations_close",
        request=Input,
        responses=DeviationOutput,
        summary="Close a deviation with what was done about it",
        tags=TAGS,
    )
    def post(self, request: Request, deviation_id: UUID) -> Response:
        found = self.deviation(deviation_id)
        return self.shown(services.close_deviation(actor=self.user, deviation=found, **self.read(request)))
