"""How things of the laboratory and the quality unit look in an answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.records.queries import manifest_digest, signature_lines
from qc_release.models import (
    Certificate,
    DispositionRecord,
    Investigation,
    Method,
    Notice,
    Result,
    Review,
    Sample,
    SpecificationVersion,
)
from qc_release.queries.bench import waiting_tests_of


def exact(**options: Any) -> serializers.DecimalField:
    """A decimal as text, without the zeros a column pads it with."""
    return serializers.DecimalField(max_digits=18, decimal_places=6, normalize_output=True, **options)


class ValueField(serializers.Field):  # type: ignore[type-arg]
    """A value as it was typed, or one by part where a test has several parts."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            return {str(part): str(value) for part, value in data.items()}
        if isinstance(data, str | int) or hasattr(data, "as_tuple"):
            return str(data)
        raise serializers.ValidationError("A value is text, or an object of values by part.")

    def to_representation(self, value: Any) -> Any:
        return value


ValueField = extend_schema_field({"oneOf": [{"type": "string"}, {"type": "object"}]})(ValueField)  # type: ignore[misc]


class SignatureLine(serializers.Serializer[Any]):
    printed_name = serializers.CharField()
    username = serializers.CharField()
    role = serializers.CharField()
    meaning = serializers.CharField()
    at = serializers.DateTimeField()
    timezone = serializers.CharField()


class VersionOutput(serializers.ModelSerializer[SpecificationVersion]):
    site = serializers.CharField(source="site.code")
    code = serializers.CharField(source="specification.code")
    name = serializers.CharField(source="specification.name")
    product_code = serializers.CharField(source="specification.product_code")
    author = serializers.CharField(source="author.printed_name")
    manifest_digest = serializers.SerializerMethodField()

    class Meta:
        model = SpecificationVersion
        fields = ["id", "version", "site", "code", "name", "product_code", "number", "sha256", "change_control"]
        fields += ["author", "imported_at", "effective_from", "status", "document", "manifest_digest"]

    def get_manifest_digest(self, version: SpecificationVersion) -> str:
        return manifest_digest(version)


class MethodOutput(serializers.ModelSerializer[Method]):
    site = serializers.CharField(source="site.code")
    author = serializers.CharField(source="author.printed_name")

    class Meta:
        model = Method
        fields = ["id", "version", "site", "code", "number", "name", "suitability", "author", "status"]


class TestOutput(serializers.Serializer[Any]):
    """A test of the sample's stage that still waits for a result."""

    id = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    limit = serializers.CharField()
    method = serializers.CharField()
    may_be_pending = serializers.BooleanField()


class SampleList(serializers.ListSerializer[Sample]):
    """Many samples: what waits for each is found for all at once."""

    def to_representation(self, data: Any) -> Any:
        samples = list(data)
        self.waiting = waiting_tests_of(samples)
        return super().to_representation(samples)


class SampleOutput(serializers.ModelSerializer[Sample]):
    batch = serializers.CharField(source="batch.number")
    coi_id = serializers.CharField()
    container = serializers.CharField(source="container.label", default="")
    specification = serializers.CharField(source="specification_version")
    quantity = exact(allow_null=True)
    waiting = serializers.SerializerMethodField()

    class Meta:
        model = Sample
        list_serializer_class = SampleList
        fields = ["id", "version", "code", "batch_id", "batch", "coi_id", "container", "specification", "stage"]
        fields += ["description", "source", "lot_number", "quantity", "unit", "taken_at", "received_at", "waiting"]

    @extend_schema_field(TestOutput(many=True))
    def get_waiting(self, sample: Sample) -> Any:
        parent = self.parent
        waiting = parent.waiting if isinstance(parent, SampleList) else waiting_tests_of([sample])
        return TestOutput(waiting[sample.id], many=True).data


class ResultOutput(serializers.ModelSerializer[Result]):
    sample = serializers.CharField(source="sample.code")
    stage = serializers.CharField(source="sample.stage")
    method = serializers.CharField()
    value = ValueField()
    amount = exact()
    run_id = serializers.UUIDField(allow_null=True, help_text="run of the instrument file it came from")
    analyst = serializers.CharField(source="analyst.printed_name")
    checked_by = serializers.CharField(source="checked_by.printed_name", default=None, allow_null=True)
    signatures = serializers.SerializerMethodField()
    manifest_digest = serializers.SerializerMethodField()

    class Meta:
        model = Result
        fields = ["id", "version", "sample_id", "sample", "stage", "test_id", "number", "purpose", "method", "value"]
        fields += ["unit", "amount", "amount_unit", "raw_data", "run_id", "calculation", "tested_at", "analyst"]
        fields += ["limit", "judged", "reasoning", "verdict", "status", "checked_by", "checked_at", "signatures"]
        fields += ["manifest_digest"]

    @extend_schema_field(SignatureLine(many=True))
    def get_signatures(self, result: Result) -> Any:
        return SignatureLine(signature_lines(result), many=True).data

    def get_manifest_digest(self, result: Result) -> str:
        return manifest_digest(result)


class InvestigationOutput(serializers.ModelSerializer[Investigation]):
    batch = serializers.CharField(source="batch.number")
    test_id = serializers.CharField(source="result.test_id")
    reasoning = serializers.CharField(source="result.reasoning")
    investigator = serializers.CharField(source="investigator.printed_name", default=None, allow_null=True)
    manifest_digest = serializers.SerializerMethodField()

    class Meta:
        model = Investigation
        fields = ["id", "version", "number", "batch_id", "batch", "result_id", "test_id", "reasoning", "opened_at"]
        fields += ["retests_planned", "cause", "findings", "other_batches", "conclusion", "follow_up"]
        fields += ["investigator", "status", "manifest_digest"]

    def get_manifest_digest(self, investigation: Investigation) -> str:
        return manifest_digest(investigation)


class ReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    subject = serializers.CharField()


class ReviewOutput(serializers.ModelSerializer[Review]):
    reviewer = serializers.CharField(source="reviewer.printed_name")

    class Meta:
        model = Review
        fields = ["id", "version", "kind", "content", "comment", "reviewer", "reviewed_at"]


class DispositionOutput(serializers.ModelSerializer[DispositionRecord]):
    batch = serializers.CharField(source="file.batch.number")
    decided_by = serializers.CharField(source="decided_by.printed_name")

    class Meta:
        model = DispositionRecord
        fields = ["id", "version", "batch", "number", "decision", "content", "decided_by", "decided_at", "event_id"]


class CertificateOutput(serializers.ModelSerializer[Certificate]):
    batch = serializers.CharField(source="file.batch.number")
    decision = serializers.CharField(source="disposition.decision")
    supersedes = serializers.IntegerField(source="supersedes.number", default=None, allow_null=True)
    pdf_sha256 = serializers.CharField(source="pdf.sha256", default=None, allow_null=True)

    class Meta:
        model = Certificate
        fields = ["id", "version", "batch", "number", "decision", "supersedes", "content", "content_sha256"]
        fields += ["requested_at", "status", "failure", "pdf_sha256"]


class NoticeOutput(serializers.ModelSerializer[Notice]):
    batch = serializers.CharField(source="file.batch.number")
    given_by = serializers.CharField(source="given_by.printed_name", default=None, allow_null=True)

    class Meta:
        model = Notice
        fields = ["id", "version", "batch", "recipient", "subject", "raised_at", "due_at", "given_by", "given_at"]
        fields += ["how", "status"]
