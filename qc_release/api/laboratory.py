"""Samples, results and investigations."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity.queries import container_by_label
from mes.api import ActView, ListView, SignatureInput, by_id, credential
from mes.records.signing import Signer, authenticate_signer
from qc_release import queries, services
from qc_release.api.outputs import InvestigationOutput, ResultOutput, SampleOutput, ValueField
from qc_release.api.specifications import Signed, WithReason
from qc_release.models import Cause, Investigation, Result, Sample

TAGS = ["laboratory"]
NUMBER: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}


@extend_schema_view(
    get=extend_schema(
        operation_id="samples_list",
        parameters=[OpenApiParameter("batch", str, description="Number of the batch")],
        responses=SampleOutput,
        summary="Samples, newest first",
        tags=TAGS,
    )
)
class Samples(ListView):
    permission = {"get": "qc.view", "post": "qc.sample"}
    serializer_class = SampleOutput

    class Input(serializers.Serializer[Any]):
        batch_id = serializers.UUIDField()
        container = serializers.CharField(required=False, default="", allow_blank=True, help_text="label of the tube")
        stage = serializers.CharField(required=False, default="", allow_blank=True)
        code = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
        description = serializers.CharField(required=False, default="", allow_blank=True)
        source = serializers.CharField(required=False, default="", allow_blank=True)  # type: ignore[assignment]
        lot_number = serializers.CharField(required=False, default="", allow_blank=True)
        quantity = serializers.DecimalField(required=False, default=None, allow_null=True, **NUMBER)
        unit = serializers.CharField(required=False, default="", allow_blank=True)
        taken_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
        received_at = serializers.DateTimeField(required=False, default=None, allow_null=True)

    def get_queryset(self) -> Any:
        found = queries.samples_visible_to(self.user)
        batch = self.request.query_params.get("batch")
        return found.filter(batch__number=batch) if batch else found

    @extend_schema(
        operation_id="samples_register",
        request=Input,
        responses={201: SampleOutput},
        summary="Receive a sample in the laboratory",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        batch = by_id(queries.batches_visible_to(self.user), data.pop("batch_id"), "batch")
        label = data.pop("container")
        container = container_by_label(batch.site, label) if label else None
        sample = services.register_sample(actor=self.user, batch=batch, container=container, **data)
        return Response(SampleOutput(sample).data, status=201)


class SampleView(ActView):
    permission = {"get": "qc.view", "patch": "qc.sample"}
    Output = SampleOutput

    class Input(serializers.Serializer[Any]):
        description = serializers.CharField(required=False)
        source = serializers.CharField(required=False)  # type: ignore[assignment]
        lot_number = serializers.CharField(required=False)
        quantity = serializers.DecimalField(required=False, **NUMBER)
        unit = serializers.CharField(required=False)
        taken_at = serializers.DateTimeField(required=False)
        received_at = serializers.DateTimeField(required=False)

    @extend_schema(
        operation_id="samples_read", responses=SampleOutput, summary="One sample and what waits for it", tags=TAGS
    )
    def get(self, request: Request, sample_id: UUID) -> Response:
        return self.answer(self._sample(sample_id))

    @extend_schema(
        operation_id="samples_complete",
        request=Input,
        responses=SampleOutput,
        summary="Fill in what the record of a sample lacks",
        tags=TAGS,
    )
    def patch(self, request: Request, sample_id: UUID) -> Response:
        sample = self._sample(sample_id)
        return self.answer(services.complete_sample(actor=self.user, sample=sample, **self.read(request)))

    def _sample(self, sample_id: UUID) -> Sample:
        sample: Sample = by_id(queries.samples_visible_to(self.user), sample_id, "sample")
        return sample


@extend_schema_view(
    get=extend_schema(
        operation_id="results_list", responses=ResultOutput, summary="Every result of a sample", tags=TAGS
    )
)
class Results(ListView):
    permission = {"get": "qc.view", "post": "qc.result"}
    serializer_class = ResultOutput

    class Input(serializers.Serializer[Any]):
        test_id = serializers.CharField()
        value = ValueField()
        unit = serializers.CharField(required=False, default="", allow_blank=True)
        amount = serializers.DecimalField(required=False, default=None, allow_null=True, **NUMBER)
        amount_unit = serializers.CharField(required=False, default="", allow_blank=True)
        raw_data = serializers.CharField(required=False, default="", allow_blank=True)
        calculation = serializers.CharField(required=False, default="", allow_blank=True)
        tested_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
        signature = SignatureInput()

    def get_queryset(self) -> Any:
        return queries.results_visible_to(self.user).filter(sample=self._sample())

    def _sample(self) -> Sample:
        sample: Sample = by_id(queries.samples_visible_to(self.user), self.kwargs["sample_id"], "sample")
        return sample

    @extend_schema(
        operation_id="results_record",
        request=Input,
        responses={201: ResultOutput},
        summary="Enter and sign a result; the verdict is computed here",
        tags=TAGS,
    )
    def post(self, request: Request, sample_id: UUID) -> Response:
        sample = self._sample()
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        data.pop("signature")
        signer = authenticate_signer(credential(request), meaning="performed", site=sample.site, acting=self.user)
        result = services.record_result(actor=self.user, sample=sample, signer=signer, **data)
        return Response(ResultOutput(result).data, status=201)


class ResultAct(ActView):
    """What happens to a result afterwards. Subclasses name the act and the meaning of its signature."""

    Output = ResultOutput
    meaning: str

    def signed(self, request: Request, result_id: UUID) -> tuple[Result, Signer, dict[str, Any]]:
        """The result, who signs, and what else the body says."""
        result: Result = by_id(queries.results_visible_to(self.user), result_id, "result")
        data = self.read(request)
        data.pop("signature")
        signer = authenticate_signer(
            credential(request), meaning=self.meaning, site=result.site, acting=self.user, subject=result
        )
        return result, signer, data


class SignedReason(Signed):
    reason = serializers.CharField()


class ResultView(ActView):
    permission = "qc.view"
    Output = ResultOutput

    @extend_schema(operation_id="results_read", responses=ResultOutput, summary="One result", tags=TAGS)
    def get(self, request: Request, result_id: UUID) -> Response:
        return self.answer(by_id(queries.results_visible_to(self.user), result_id, "result"))


class CheckResult(ResultAct):
    permission = "qc.check_result"
    Input = Signed
    meaning = "checked"

    @extend_schema(
        operation_id="results_check",
        request=Signed,
        responses=ResultOutput,
        summary="Second analyst: the original records agree",
        tags=TAGS,
    )
    def post(self, request: Request, result_id: UUID) -> Response:
        result, signer, _ = self.signed(request, result_id)
        return self.answer(services.check_result(actor=self.user, result=result, signer=signer))


class ReturnResult(ResultAct):
    permission = "qc.check_result"
    Input = SignedReason
    meaning = "checked"

    @extend_schema(
        operation_id="results_return",
        request=SignedReason,
        responses=ResultOutput,
        summary="Second analyst: the record has an error",
        tags=TAGS,
    )
    def post(self, request: Request, result_id: UUID) -> Response:
        result, signer, data = self.signed(request, result_id)
        return self.answer(services.return_result(actor=self.user, result=result, signer=signer, **data))


class InvalidateResult(ResultAct):
    permission = "qc.review"
    Input = SignedReason
    meaning = "approved"

    @extend_schema(
        operation_id="results_invalidate",
        request=SignedReason,
        responses=ResultOutput,
        summary="Take a result out of judgement, with an approved laboratory error",
        tags=TAGS,
    )
    def post(self, request: Request, result_id: UUID) -> Response:
        result, signer, data = self.signed(request, result_id)
        return self.answer(services.invalidate_result(actor=self.user, result=result, signer=signer, **data))


@extend_schema_view(
    get=extend_schema(
        operation_id="investigations_list",
        responses=InvestigationOutput,
        summary="Out-of-specification investigations, newest first",
        tags=TAGS,
    )
)
class Investigations(ListView):
    permission = "qc.view"
    serializer_class = InvestigationOutput

    def get_queryset(self) -> Any:
        return queries.investigations_visible_to(self.user)


class InvestigationAct(ActView):
    Output = InvestigationOutput

    def investigation(self, investigation_id: UUID) -> Investigation:
        found: Investigation = by_id(queries.investigations_visible_to(self.user), investigation_id, "investigation")
        return found

    def signer(self, request: Request, investigation: Investigation, meaning: str) -> Signer:
        return authenticate_signer(credential(request), meaning=meaning, site=investigation.site, acting=self.user)


class InvestigationView(InvestigationAct):
    permission = "qc.view"

    @extend_schema(
        operation_id="investigations_read", responses=InvestigationOutput, summary="One investigation", tags=TAGS
    )
    def get(self, request: Request, investigation_id: UUID) -> Response:
        return self.answer(self.investigation(investigation_id))


class PlanRetests(InvestigationAct):
    permission = "qc.review"

    class Input(serializers.Serializer[Any]):
        number = serializers.IntegerField()

    @extend_schema(
        operation_id="investigations_plan_retests",
        request=Input,
        responses=InvestigationOutput,
        summary="Fix the number of retests, once",
        tags=TAGS,
    )
    def post(self, request: Request, investigation_id: UUID) -> Response:
        investigation = self.investigation(investigation_id)
        data = self.read(request)
        return self.answer(services.plan_retests(actor=self.user, investigation=investigation, **data))


class ConcludeInvestigation(InvestigationAct):
    permission = "qc.result"

    class Input(Signed):
        cause = serializers.ChoiceField(choices=Cause.choices)
        findings = serializers.CharField(required=False, default="", allow_blank=True)
        other_batches = serializers.CharField(required=False, default="", allow_blank=True)
        conclusion = serializers.CharField(required=False, default="", allow_blank=True)
        follow_up = serializers.CharField(required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="investigations_conclude",
        request=Input,
        responses=InvestigationOutput,
        summary="Findings, other batches, conclusion and follow-up, signed",
        tags=TAGS,
    )
    def post(self, request: Request, investigation_id: UUID) -> Response:
        investigation = self.investigation(investigation_id)
        data = self.read(request)
        data.pop("signature")
        signer = self.signer(request, investigation, "performed")
        return self.answer(
            services.conclude_investigation(actor=self.user, investigation=investigation, signer=signer, **data)
        )


class ReturnInvestigation(InvestigationAct):
    permission = "qc.review"
    Input = WithReason

    @extend_schema(
        operation_id="investigations_return",
        request=WithReason,
        responses=InvestigationOutput,
        summary="Quality sends it back",
        tags=TAGS,
    )
    def post(self, request: Request, investigation_id: UUID) -> Response:
        investigation = self.investigation(investigation_id)
        data = self.read(request)
        return self.answer(services.return_investigation(actor=self.user, investigation=investigation, **data))


class CloseInvestigation(InvestigationAct):
    permission = "qc.review"
    Input = Signed

    @extend_schema(
        operation_id="investigations_close",
        request=Signed,
        responses=InvestigationOutput,
        summary="Quality approves the conclusion",
        tags=TAGS,
    )
    def post(self, request: Request, investigation_id: UUID) -> Response:
        investigation = self.investigation(investigation_id)
        self.read(request)
        signer = self.signer(request, investigation, "approved")
        return self.answer(services.close_investigation(actor=self.user, investigation=investigation, signer=signer))
