"""Calls on paper forms for work while the system is down."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS
from batches.models import PaperForm
from mes.api import ActView, by_id
from mes.errors import InvalidInput


class PaperFormOutput(serializers.ModelSerializer[PaperForm]):
    steps = serializers.SerializerMethodField()
    batch_number = serializers.CharField(source="batch.number")
    issued_by = serializers.CharField(source="issued_by.printed_name")
    settled_by = serializers.CharField(source="settled_by.printed_name", default="")
    scan_sha256 = serializers.CharField(source="scan.sha256", default="")

    class Meta:
        model = PaperForm
        fields = ["id", "version", "number", "batch", "batch_number", "steps", "reason", "issued_by", "issued_at"]
        fields += ["status", "settled_by", "settled_at", "settlement", "scan_sha256"]

    def get_steps(self, form: PaperForm) -> list[str]:
        return [each.step.key for each in form.printed.all()]


class _FormActView(ActView):
    permission = "batches.command"
    Output = PaperFormOutput

    def form(self, form_id: UUID) -> PaperForm:
        found: PaperForm = by_id(queries.forms_visible_to(self.user), form_id, "paper form")
        return found

    def shown(self, form: PaperForm, status: int = 200) -> Response:
        return self.answer(queries.forms_visible_to(self.user).get(pk=form.pk), status=status)


class FormsOut(ActView):
    permission = "batches.view"
    Output = PaperFormOutput

    @extend_schema(
        operation_id="paper_forms_out",
        responses=PaperFormOutput(many=True),
        summary="Every paper form that has not come back",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return self.answer(queries.forms_out(self.user), many=True)


class IssueForm(_FormActView):
    class Input(serializers.Serializer[Any]):
        steps = serializers.ListField(child=serializers.UUIDField(), allow_empty=False)
        reason = serializers.CharField(max_length=500)

    @extend_schema(
        operation_id="batches_issue_form",
        request=Input,
        responses={201: PaperFormOutput},
        summary="Give out a numbered paper form for steps of a batch",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        data = self.read(request)
        steps = list(batch.steps.filter(id__in=data["steps"]).order_by("position"))
        if len(steps) != len(set(data["steps"])):
            raise InvalidInput("A step is not one of this batch.", field="steps")
        made = services.issue_form(actor=self.user, batch=batch, steps=steps, reason=data["reason"])
        return self.shown(made, 201)


class ReturnForm(_FormActView):
    class Input(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=120)
        scan = serializers.CharField(help_text="the filled-in form as PDF, JPEG or PNG, in base64")

    @extend_schema(
        operation_id="paper_forms_return",
        request=Input,
        responses=PaperFormOutput,
        summary="Take a filled-in form back, with its picture",
        tags=TAGS,
    )
    def post(self, request: Request, form_id: UUID) -> Response:
        form = self.form(form_id)
        data = self.read(request)
        try:
            content = b64decode(data["scan"], validate=True)
        except binascii.Error as error:
            raise InvalidInput("“scan” is not base64.", field="scan") from error
        services.return_form(actor=self.user, form=form, name=data["name"], content=content)
        return self.shown(form)


class DeclareFormLost(_FormActView):
    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=500)

    @extend_schema(
        operation_id="paper_forms_lost",
        request=Input,
        responses=PaperFormOutput,
        summary="Say that a form will not come back, and how that came about",
        tags=TAGS,
    )
    def post(self, request: Request, form_id: UUID) -> Response:
        form = self.form(form_id)
        services.declare_form_lost(actor=self.user, form=form, reason=self.read(request)["reason"])
        return self.shown(form)
