"""Files that instruments dropped: what came, what was read in it, and its bytes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from equipment.api.common import TAGS
from equipment.files.models import InstrumentFile, InstrumentRun
from equipment.files.queries import content_of, files_visible_to
from mes.accounts.models import User
from mes.api import ActView, ListView, by_id


class MeasuredOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField()
    unit = serializers.CharField(allow_null=True, help_text="null where the file names none")
    note = serializers.CharField(help_text="the instrument's own flag")


class RunOutput(serializers.ModelSerializer[InstrumentRun]):
    """What a file says of one sample, in its own words."""

    values = MeasuredOutput(many=True)

    class Meta:
        model = InstrumentRun
        fields = ["id", "number", "sample_id", "measured_at", "operator", "warning", "values"]


class FileOutput(serializers.ModelSerializer[InstrumentFile]):
    """`reader` and `quarantine` are empty until a worker has read it; afterwards one of them says how it went."""

    unit = serializers.CharField(source="unit.code")
    reader = serializers.CharField(source="reading.reader", default="")
    quarantine = serializers.CharField(source="reading.quarantine", default="")
    runs = RunOutput(many=True)

    class Meta:
        model = InstrumentFile
        fields = ["id", "unit", "name", "sha256", "size", "taken_at", "reader", "quarantine", "runs"]


def file_for(user: User, file_id: UUID) -> InstrumentFile:
    file: InstrumentFile = by_id(files_visible_to(user), file_id, "file")
    return file


def download(file: InstrumentFile) -> HttpResponse:
    """The bytes as they were dropped, for saving, never for showing: nobody knows what is in them."""
    return HttpResponse(
        content_of(file),
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{file.sha256[:16]}"'},
    )


@extend_schema_view(
    get=extend_schema(
        operation_id="instrument_files_list",
        responses=FileOutput,
        summary="Files of instruments, newest first",
        tags=TAGS,
    )
)
class Files(ListView):
    permission = "equipment.view"
    serializer_class = FileOutput

    def get_queryset(self) -> QuerySet[InstrumentFile]:
        return files_visible_to(self.user)


class FileView(ActView):
    permission = "equipment.view"
    Output = FileOutput

    @extend_schema(
        operation_id="instrument_files_read", responses=FileOutput, summary="One file of an instrument", tags=TAGS
    )
    def get(self, request: Request, file_id: UUID) -> Response:
        return self.answer(file_for(self.user, file_id))


class FileContent(ActView):
    permission = "equipment.view"

    @extend_schema(
        operation_id="instrument_files_content",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        summary="The bytes of a file, checked against its digest",
        tags=TAGS,
    )
    def get(self, request: Request, file_id: UUID) -> HttpResponse:
        return download(file_for(self.user, file_id))
