"""Review, disposition, certificates and notices."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches.models import Batch
from mes.api import ActView, ListView, by_id, credential
from mes.records.signing import authenticate_signer
from qc_release import queries, services
from qc_release.api.outputs import (
    CertificateOutput,
    DispositionOutput,
    NoticeOutput,
    ReasonOutput,
    ReviewOutput,
)
from qc_release.api.specifications import Signed, WithReason
from qc_release.errors import CertificateNotReady
from qc_release.models import Certificate, Notice, ReviewKind
from qc_release.queries.overview import review_overview
from qc_release.states import MOVES, CertificateState, meaning_of

TAGS = ["release"]


class BatchAct(ActView):
    def batch(self, batch_id: UUID) -> Batch:
        batch: Batch = by_id(queries.batches_visible_to(self.user), batch_id, "batch")
        return batch


class ReviewDigests(serializers.Serializer[Any]):
    kind = serializers.CharField()
    content = serializers.JSONField()
    digest = serializers.CharField(help_text="send back as signature.seen")
    signed_by = serializers.CharField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    is_current = serializers.BooleanField()


class LineOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    stage = serializers.CharField()
    limit = serializers.CharField()
    result = serializers.CharField()
    verdict = serializers.CharField()
    may_be_pending = serializers.BooleanField()
    unchecked = serializers.IntegerField()


class OverviewOutput(serializers.Serializer[Any]):
    """Can it be released, and if not, what stops it?"""

    batch_id = serializers.UUIDField()
    batch = serializers.CharField()
    coi_id = serializers.CharField()
    status = serializers.CharField()
    ready = serializers.BooleanField()
    ready_with_pending = serializers.BooleanField()
    blocks = ReasonOutput(many=True)
    pending = serializers.ListField(child=serializers.DictField())
    expires_at = serializers.DateTimeField(allow_null=True)
    counts = serializers.DictField()
    lines = LineOutput(many=True)
    reviews = ReviewDigests(many=True)
    digest = serializers.CharField(help_text="of the release sheet; send back as signature.seen")


class ReviewView(BatchAct):
    permission = "qc.view"
    Output = OverviewOutput

    @extend_schema(
        operation_id="review_read",
        responses=OverviewOutput,
        summary="Verdict and blockers first, then everything a reviewer looks at",
        tags=TAGS,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        return self.answer(review_overview(self.batch(batch_id)))


class SignReview(BatchAct):
    """Signs one kind of review; the URL says which."""

    permission = "qc.review"
    Output = ReviewOutput
    kind: str

    class Input(Signed):
        comment = serializers.CharField(required=False, default="", allow_blank=True)

    def sign(self, request: Request, batch_id: UUID, kind: str) -> Response:
        batch = self.batch(batch_id)
        comment = self.read(request)["comment"]
        signer = authenticate_signer(credential(request), meaning="reviewed", site=batch.site, acting=self.user)
        review = services.sign_review(actor=self.user, batch=batch, kind=kind, comment=comment, signer=signer)
        return self.answer(review, status=201)


class SignRecordReview(SignReview):
    @extend_schema(
        operation_id="review_sign",
        request=SignReview.Input,
        responses={201: ReviewOutput},
        summary="Sign the review of record and results",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        return self.sign(request, batch_id, ReviewKind.RECORD)


class SignAuditTrailReview(SignReview):
    @extend_schema(
        operation_id="audit_review_sign",
        request=SignReview.Input,
        responses={201: ReviewOutput},
        summary="Sign the review of the audit trail",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        return self.sign(request, batch_id, ReviewKind.AUDIT_TRAIL)


class SignEnvironmentReview(SignReview):
    @extend_schema(
        operation_id="environment_review_sign",
        request=SignReview.Input,
        responses={201: ReviewOutput},
        summary="Sign the review of alarms and environment",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        return self.sign(request, batch_id, ReviewKind.ENVIRONMENT)


class SupplyInput(serializers.Serializer[Any]):
    """References to the documents a supply out of specification rests on."""

    physician_request = serializers.CharField(required=False, default="", allow_blank=True)
    risk_evaluation = serializers.CharField(required=False, default="", allow_blank=True)
    notice = serializers.CharField(required=False, default="", allow_blank=True)
    acceptance = serializers.CharField(required=False, default="", allow_blank=True)


class Release(BatchAct):
    permission = "qc.disposition"
    Output = DispositionOutput

    class Input(Signed):
        decision = serializers.ChoiceField(choices=sorted(MOVES))
        comment = serializers.CharField(required=False, default="", allow_blank=True)
        recall_path = serializers.CharField(required=False, default="", allow_blank=True)
        supply = SupplyInput(required=False, default=None, allow_null=True)

    @extend_schema(
        operation_id="release_dispose",
        request=Input,
        responses={201: DispositionOutput},
        summary="Decide on a batch, with user name and password",
        tags=TAGS,
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        batch = self.batch(batch_id)
        data = self.read(request)
        data.pop("signature")
        supply = data.pop("supply")
        signer = authenticate_signer(
            credential(request), meaning=meaning_of(data["decision"]), site=batch.site, acting=self.user, full=True
        )
        record = services.dispose(
            actor=self.user,
            batch=batch,
            supply=services.OutOfSpecificationSupply(**supply) if supply else None,
            signer=signer,
            **data,
        )
        return self.answer(record, status=201)


@extend_schema_view(
    get=extend_schema(
        operation_id="certificates_list",
        parameters=[OpenApiParameter("batch", str, description="Number of the batch")],
        responses=CertificateOutput,
        summary="Certificates, newest first",
        tags=TAGS,
    )
)
class Certificates(ListView):
    permission = "qc.view"
    serializer_class = CertificateOutput

    def get_queryset(self) -> Any:
        found = queries.certificates_visible_to(self.user).select_related("pdf").defer("pdf__content")
        batch = self.request.query_params.get("batch")
        return found.filter(file__batch__number=batch) if batch else found


class CertificatePdf(ActView):
    permission = "qc.view"

    @extend_schema(
        operation_id="certificates_pdf",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        summary="The certificate as PDF/A-3a",
        tags=TAGS,
    )
    def get(self, request: Request, certificate_id: UUID) -> HttpResponse:
        certificate: Certificate = by_id(queries.certificates_visible_to(self.user), certificate_id, "certificate")
        return pdf_response(certificate)


class TryCertificateAgain(ActView):
    permission = "qc.review"
    Input = WithReason
    Output = CertificateOutput

    @extend_schema(
        operation_id="certificates_try_again",
        request=WithReason,
        responses=CertificateOutput,
        summary="Make a certificate that could not be made",
        tags=TAGS,
    )
    def post(self, request: Request, certificate_id: UUID) -> Response:
        certificate = by_id(queries.certificates_visible_to(self.user), certificate_id, "certificate")
        data = self.read(request)
        return self.answer(services.try_certificate_again(actor=self.user, certificate=certificate, **data))


def pdf_response(certificate: Certificate) -> HttpResponse:
    """The stored bytes; CertificateNotReady until the worker has made them."""
    if certificate.status != CertificateState.ISSUED:
        raise CertificateNotReady(f"{certificate} is {certificate.get_status_display().lower()}.")
    name = f"certificate-{certificate.file.batch.number}-v{certificate.number}.pdf"
    return HttpResponse(
        bytes(certificate.pdf.content),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "ETag": f'"{certificate.pdf.sha256}"'},
    )


@extend_schema_view(
    get=extend_schema(
        operation_id="notices_list", responses=NoticeOutput, summary="Who is to be told, by when", tags=TAGS
    )
)
class Notices(ListView):
    permission = "qc.view"
    serializer_class = NoticeOutput

    def get_queryset(self) -> Any:
        return queries.notices_visible_to(self.user)


class GiveNotice(ActView):
    permission = "qc.review"
    Output = NoticeOutput

    class Input(Signed):
        how = serializers.CharField()

    @extend_schema(
        operation_id="notices_give",
        request=Input,
        responses=NoticeOutput,
        summary="The recipient was told",
        tags=TAGS,
    )
    def post(self, request: Request, notice_id: UUID) -> Response:
        notice: Notice = by_id(queries.notices_visible_to(self.user), notice_id, "notice")
        how = self.read(request)["how"]
        signer = authenticate_signer(credential(request), meaning="performed", site=notice.site, acting=self.user)
        return self.answer(services.give_notice(actor=self.user, notice=notice, how=how, signer=signer))
