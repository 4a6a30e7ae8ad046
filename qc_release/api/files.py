"""Runs of instrument files: which wait, matching one to a sample, setting one aside."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment.api.files import RunOutput
from mes.api import ActView, ListView, SignatureInput, by_id, credential
from mes.records.signing import authenticate_signer
from qc_release import queries, services
from qc_release.api.laboratory import NUMBER, TAGS
from qc_release.api.specifications import WithReason
from qc_release.models import FileMatch
from qc_release.queries.files import file_matches_visible_to
from qc_release.states import FileMatchState


class FileMatchOutput(serializers.ModelSerializer[FileMatch]):
    """What became of a run, or of a file in quarantine, which has no run. `why` it did not match by itself."""

    site = serializers.CharField(source="site.code")
    file_id = serializers.UUIDField()
    name = serializers.CharField(source="file.name")
    sha256 = serializers.CharField(source="file.sha256")
    unit = serializers.CharField(source="file.unit.code")
    run = RunOutput(allow_null=True)
    sample = serializers.CharField(source="sample.code", default="")
    settled_by = serializers.CharField(source="settled_by.printed_name", default="")

    class Meta:
        model = FileMatch
        fields = ["id", "version", "site", "file_id", "name", "sha256", "unit", "run", "status", "why"]
        fields += ["sample", "settled_by", "settled_at", "reason"]


@extend_schema_view(
    get=extend_schema(
        operation_id="file_matches_list",
        parameters=[OpenApiParameter("status", str, enum=FileMatchState.values)],
        responses=FileMatchOutput,
        summary="Runs of instrument files, newest first",
        tags=TAGS,
    )
)
class FileMatches(ListView):
    permission = "qc.view"
    serializer_class = FileMatchOutput

    def get_queryset(self) -> Any:
        status = self.request.query_params.get("status")
        found = file_matches_visible_to(self.user)
        return found.filter(status=status) if status else found


class FileMatchAct(ActView):
    Output = FileMatchOutput

    def found(self, match_id: UUID) -> FileMatch:
        match: FileMatch = by_id(file_matches_visible_to(self.user), match_id, "run of a file")
        return match


class FileMatchView(FileMatchAct):
    permission = "qc.view"

    @extend_schema(
        operation_id="file_matches_read", responses=FileMatchOutput, summary="One run of an instrument file", tags=TAGS
    )
    def get(self, request: Request, match_id: UUID) -> Response:
        return self.answer(self.found(match_id))


class MatchFile(FileMatchAct):
    permission = "qc.result"

    class Input(serializers.Serializer[Any]):
        sample_id = serializers.UUIDField()
        answers = serializers.DictField(child=serializers.CharField(), help_text="measurement of the run, by test")
        units = serializers.DictField(
            child=serializers.CharField(), required=False, default=dict, help_text="where the file names none"
        )
        amount = serializers.DecimalField(required=False, default=None, allow_null=True, **NUMBER)
        amount_unit = serializers.CharField(required=False, default="", allow_blank=True)
        reason = serializers.CharField(
            required=False, default="", allow_blank=True, help_text="for a sample with another label than the run has"
        )
        signature = SignatureInput()

    @extend_schema(
        operation_id="file_matches_match",
        request=Input,
        responses=FileMatchOutput,
        summary="Enter and sign values of a run as results of a sample",
        tags=TAGS,
    )
    def post(self, request: Request, match_id: UUID) -> Response:
        match, data = self.found(match_id), self.read(request)
        data.pop("signature")
        sample = by_id(queries.samples_visible_to(self.user), data.pop("sample_id"), "sample")
        signer = authenticate_signer(credential(request), meaning="performed", site=match.site, acting=self.user)
        services.match_file(actor=self.user, match=match, sample=sample, signer=signer, **data)
        return self.answer(self.found(match_id))


class SetFileAside(FileMatchAct):
    permission = "qc.result"
    Input = WithReason

    @extend_schema(
        operation_id="file_matches_set_aside",
        request=WithReason,
        responses=FileMatchOutput,
        summary="This run or file answers no test, with the reason",
        tags=TAGS,
    )
    def post(self, request: Request, match_id: UUID) -> Response:
        match = self.found(match_id)
        services.set_file_aside(actor=self.user, match=match, **self.read(request))
        return self.answer(self.found(match_id))
