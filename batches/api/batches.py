"""Calls on a batch as a whole."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS, BatchDetail, BatchOutput, DocumentOutput
from batches.models import Batch, MaterialDisposition
from batches.queries.documents import content_of
from batches.states import Command, State
from mes.accounts.models import User
from mes.api import ActView, ListView, SignatureInput, by_id, check_version, credential, signer_given
from mes.records.signing import Signer, authenticate_signer


@extend_schema_view(
    get=extend_schema(
        operation_id="batches_list",
        summary="Batches of your sites, newest first",
        parameters=[OpenApiParameter("status", str, enum=State.values)],
        tags=TAGS,
    )
)
class Batches(ListView):
    permission = "batches.view"
    serializer_class = BatchOutput
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        found = queries.visible_to(self.user)
        status = self.request.query_params.get("status", "")
        return found.filter(status=status) if status else found


class BatchView(ActView):
    permission = "batches.view"
    Output = BatchDetail

    @extend_schema(
        operation_id="batches_get",
        responses=BatchDetail,
        summary="A batch with its steps",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        return self.answer(by_id(queries.visible_to(self.user), batch_id, "batch"))


class BatchRecordView(ActView):
    permission = "batches.view"

    @extend_schema(
        operation_id="batches_record",
        responses=OpenApiTypes.OBJECT,
        summary="The whole record: values, signatures, events, in order",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return Response(queries.record_of(batch).as_json())


class IssueBatch(ActView):
    permission = "batches.issue"
    Output = BatchDetail

    class Input(serializers.Serializer[Any]):
        signature = SignatureInput()

    @extend_schema(
        operation_id="batches_issue",
        request=Input,
        responses=BatchDetail,
        summary="Check the record against its master and issue it",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        self.read(request)
        check_version(request, batch)
        signer = authenticate_signer(
            credential(request), meaning="issued", site=batch.site, acting=self.user, subject=batch
        )
        services.issue_batch(actor=self.user, batch=batch, signer=signer)
        return self.answer(queries.visible_to(self.user).get(pk=batch.pk))


class CommandInput(serializers.Serializer[Any]):
    """An ISA-88 command. HOLD, STOP, ABORT and RESET need a reason; RESTART, STOP, ABORT and RESET a signature.

    ABORT of a batch says in `disposition` what becomes of the patient's material.
    """

    command = serializers.ChoiceField(choices=Command.choices)
    reason = serializers.CharField(required=False, default="", allow_blank=True)
    signature = SignatureInput(required=False)


class CommandBatch(ActView):
    permission = "batches.execute"

    class Input(CommandInput):
        disposition = serializers.ChoiceField(
            choices=MaterialDisposition.Decision.choices, required=False, default="", allow_blank=True
        )

    Output = BatchDetail

    @extend_schema(
        operation_id="batches_command",
        request=Input,
        responses=BatchDetail,
        summary="Command a batch and everything running in it",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        data = self.read(request)
        services.command_batch(
            actor=self.user,
            batch=batch,
            name=data["command"],
            reason=data["reason"],
            disposition=data["disposition"],
            signer=commander(request, batch, self.user),
        )
        return self.answer(queries.visible_to(self.user).get(pk=batch.pk))


class DecideOnMaterial(ActView):
    """What becomes of the material of a batch that was stopped or aborted; a later decision replaces an earlier one."""

    permission = "batches.dispose"

    class Input(serializers.Serializer[Any]):
        decision = serializers.ChoiceField(choices=MaterialDisposition.Decision.choices)
        reason = serializers.CharField(max_length=2000)
        signature = SignatureInput()

    class Output(serializers.ModelSerializer[MaterialDisposition]):
        class Meta:
            model = MaterialDisposition
            fields = ("id", "attempt", "decision", "containers", "reason", "decided_at")

    @extend_schema(
        operation_id="batches_decide_on_material",
        request=Input,
        responses={201: Output},
        summary="Decide on the material of a batch that came to an early end",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        data = self.read(request)
        signer = authenticate_signer(credential(request), meaning="decided", site=batch.site, acting=self.user)
        made = services.decide_on_material(
            actor=self.user, batch=batch, decision=data["decision"], reason=data["reason"], signer=signer
        )
        return self.answer(made, status=201)


def commander(request: Request, batch: Batch, user: User) -> Signer | None:
    """The signature of a command, where one was given."""
    return signer_given(request, meaning="commanded", site=batch.site, acting=user)


class Documents(ActView):
    permission = "batches.view"
    Output = DocumentOutput

    @extend_schema(
        operation_id="batches_documents",
        responses=DocumentOutput(many=True),
        summary="Batch records that were asked for",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return self.answer(batch.documents.select_related("requested_by"), many=True)

    @extend_schema(
        operation_id="batches_request_record",
        request=None,
        responses={202: DocumentOutput},
        summary="Ask for the batch record as PDF",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = by_id(queries.visible_to(self.user), batch_id, "batch")
        return self.answer(services.request_record(actor=self.user, batch=batch), status=202)


class DocumentView(ActView):
    permission = "batches.view"
    Output = DocumentOutput

    @extend_schema(
        operation_id="batch_documents_get",
        responses=DocumentOutput,
        summary="Whether a document is ready",
        tags=TAGS,
    )
    def get(self, request: Request, document_id: UUID) -> Response:
        return self.answer(by_id(queries.documents_visible_to(self.user), document_id, "document"))


class DocumentFile(ActView):
    permission = "batches.view"

    @extend_schema(
        operation_id="batch_documents_file",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        summary="The PDF, byte for byte as it was made",
        tags=TAGS,
    )
    def get(self, request: Request, document_id: UUID) -> HttpResponse:
        document = by_id(queries.documents_visible_to(self.user), document_id, "document")
        return pdf_answer(document)


def pdf_answer(document: Any) -> HttpResponse:
    name = f"{document.batch.number}-record.pdf"
    return HttpResponse(
        content_of(document),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
