"""What the batch calls answer."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from batches.models import Batch, BatchDocument, BatchException, Deviation, Entry, Step
from batches.queries.gates import reasons_not_startable
from batches.queries.run import run_screen
from batches.queries.visible import steps_visible_to
from mes.accounts.models import User
from mes.records.queries import manifest_digest

TAGS = ["batches"]


class BatchOutput(serializers.ModelSerializer[Batch]):
    """One line of the list."""

    site = serializers.CharField(source="site.code")
    order = serializers.UUIDField(source="order_id")
    coi_short = serializers.CharField(source="order.short")
    recipe = serializers.CharField(source="recipe_version.recipe.code")
    recipe_version = serializers.IntegerField(source="recipe_version.number")

    class Meta:
        model = Batch
        fields = ["id", "version", "number", "site", "order", "coi_id", "coi_short", "recipe"]
        fields += ["recipe_version", "suite", "status", "attempt", "planned_start", "planned_end"]
        fields += ["issued_at", "cancelled_at", "started_at", "ended_at"]


class BatchDetail(BatchOutput):
    """A batch with its steps, what hinders it, and what is signed at issue."""

    sha256 = serializers.CharField()
    parameters = serializers.JSONField()
    manifest = serializers.JSONField()
    digest = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    reasons_not_startable = serializers.SerializerMethodField()

    class Meta(BatchOutput.Meta):
        fields = [*BatchOutput.Meta.fields, "sha256", "parameters", "manifest", "digest"]
        fields += ["steps", "reasons_not_startable"]

    def get_digest(self, batch: Batch) -> str:
        return manifest_digest(batch)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_steps(self, batch: Batch) -> list[dict[str, Any]]:
        steps = batch.steps.order_by("position").values(
            "id", "key", "name", "kind", "status", "needed", "attempt", "position", "due_at"
        )
        return [dict(step) for step in steps]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_reasons_not_startable(self, batch: Batch) -> list[dict[str, str]]:
        found = reasons_not_startable(batch) if batch.status == "IDLE" else []
        return [vars(reason) for reason in found]


class StepOutput(serializers.Serializer[Any]):
    """Everything the run screen shows about a step (see the operator's guide)."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    key = serializers.CharField()
    kind = serializers.CharField()
    severity = serializers.CharField()
    blocks = serializers.BooleanField()
    deviation_reasons = serializers.ListField(child=serializers.CharField())
    deviation_second_person = serializers.BooleanField()
    title = serializers.CharField()
    text = serializers.CharField()
    added = serializers.CharField(help_text="who added the step to this batch; empty for a step of the recipe")
    citation = serializers.CharField()
    illustrative = serializers.BooleanField()
    status = serializers.CharField()
    attempt = serializers.IntegerField()
    needed = serializers.BooleanField()
    position = serializers.IntegerField()
    of = serializers.IntegerField()
    grade = serializers.CharField()
    batch = serializers.DictField()
    unit_procedure = serializers.CharField()
    operation = serializers.CharField()
    day = serializers.IntegerField(allow_null=True)
    performer = serializers.CharField(allow_null=True)
    started_at = serializers.CharField(allow_null=True)
    ended_at = serializers.CharField(allow_null=True)
    entries = serializers.ListField(child=serializers.DictField())
    results = serializers.ListField(child=serializers.DictField())
    values_hidden = serializers.BooleanField()
    blind_names = serializers.ListField(child=serializers.CharField())
    blind_asked = serializers.ListField(child=serializers.DictField())
    scan = serializers.DictField()
    materials = serializers.ListField(child=serializers.DictField())
    lots_needed = serializers.ListField(child=serializers.CharField())
    equipment = serializers.DictField(allow_null=True)
    room = serializers.DictField(allow_null=True)
    command = serializers.DictField(allow_null=True)
    timer = serializers.DictField(allow_null=True)
    decision = serializers.DictField(allow_null=True)
    transfer = serializers.DictField(allow_null=True)
    sample = serializers.DictField(allow_null=True)
    photos = serializers.DictField()
    forms = serializers.ListField(child=serializers.CharField())
    signature = serializers.DictField()
    manifest = serializers.DictField()
    digest = serializers.CharField()
    gates = serializers.ListField(child=serializers.DictField())
    missing = serializers.ListField(child=serializers.DictField())
    exceptions = serializers.ListField(child=serializers.DictField())
    call = serializers.DictField(allow_null=True, help_text="the call for a supervisor that is not settled")
    holder = serializers.DictField(
        allow_null=True, help_text="who is on the running step elsewhere; null where nobody is or you are"
    )
    not_here = serializers.ListField(
        child=serializers.DictField(), help_text="why the running step is not worked on from this terminal"
    )
    acts = serializers.ListField(child=serializers.CharField())
    offline = serializers.DictField()
    previous = serializers.DictField(allow_null=True)
    next = serializers.DictField(allow_null=True)
    following = serializers.ListField(child=serializers.DictField())
    beside = serializers.ListField(child=serializers.DictField(), help_text="the open steps of the same parallel group")


class EntryOutput(serializers.ModelSerializer[Entry]):
    """A value as it was saved, with the verdict the server gave it."""

    by = serializers.CharField(source="by.printed_name")
    exceptions = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = ["id", "step", "name", "value", "unit", "verdict", "by", "done_at", "at", "reason"]
        fields += ["supersedes", "device_at", "performed_at", "is_late", "exceptions"]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_exceptions(self, entry: Entry) -> list[str]:
        found = BatchException.objects.filter(step=entry.step_id, data__value=str(entry.id))
        return [str(each) for each in found.values_list("id", flat=True)]


class ExceptionOutput(serializers.ModelSerializer[BatchException]):
    raised_by = serializers.CharField(source="raised_by.printed_name")
    decided_by = serializers.CharField(source="decided_by.printed_name", default="")
    deviation = serializers.CharField(source="deviation.number", default="")
    step_key = serializers.CharField(source="step.key", default="")
    digest = serializers.SerializerMethodField()

    class Meta:
        model = BatchException
        fields = ["id", "version", "batch", "step", "step_key", "kind", "severity", "blocks", "rule"]
        fields += ["text", "data", "raised_at", "raised_by", "status", "decision", "decided_by"]
        fields += ["decided_at", "deviation", "digest"]

    def get_digest(self, found: BatchException) -> str:
        return manifest_digest(found)


class DeviationOutput(serializers.ModelSerializer[Deviation]):
    opened_by = serializers.CharField(source="opened_by.printed_name")
    owner = serializers.CharField(source="owner.printed_name")
    investigated_by = serializers.CharField(source="investigated_by.printed_name", default="")
    approved_by = serializers.CharField(source="approved_by.printed_name", default="")
    exceptions: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    photos: Any = serializers.SlugRelatedField("photo_id", many=True, read_only=True)
    digest = serializers.SerializerMethodField()

    class Meta:
        model = Deviation
        fields = ["id", "version", "batch", "step", "number", "title", "description", "severity"]
        fields += ["blocks", "status", "opened_at", "opened_by", "owner", "investigated_by"]
        fields += ["investigation", "impact", "other_batches", "conclusion", "approved_by"]
        fields += ["follow_up", "exceptions", "photos", "digest"]

    def get_digest(self, found: Deviation) -> str:
        return manifest_digest(found)


class DocumentOutput(serializers.ModelSerializer[BatchDocument]):
    requested_by = serializers.CharField(source="requested_by.printed_name")

    class Meta:
        model = BatchDocument
        fields = ["id", "batch", "status", "requested_by", "requested_at", "rendered_at", "sha256", "failure"]


def screen(step: Step, user: User) -> dict[str, Any]:
    """The run screen of a step that an act has just changed, read afresh."""
    return run_screen(steps_visible_to(user).get(pk=step.pk), user)
