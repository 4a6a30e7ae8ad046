"""What the API of recipes takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.api import SignatureInput
from mes.records.queries import manifest_digest, signature_lines
from recipes.comparison import Difference
from recipes.document import DocumentFault
from recipes.models import Recipe, RecipeVersion
from recipes.states import VERSION


class SourceInput(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment]
        trim_whitespace=False, help_text="the recipe document (YAML), kept byte for byte"
    )


class RecipeOutput(serializers.ModelSerializer[Recipe]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Recipe
        fields = ["id", "version", "site", "code", "name"]


class RecipeSignatureOutput(serializers.Serializer[dict[str, Any]]):
    printed_name = serializers.CharField()
    username = serializers.CharField()
    role = serializers.CharField()
    meaning = serializers.CharField()
    at = serializers.DateTimeField()
    timezone = serializers.CharField()
    digest = serializers.CharField()


class VersionLine(serializers.ModelSerializer[RecipeVersion]):
    site = serializers.CharField(source="recipe.site.code")
    recipe = serializers.CharField(source="recipe.code")
    author = serializers.CharField(source="author.printed_name")

    class Meta:
        model = RecipeVersion
        fields = ["id", "version", "site", "recipe", "recipe_id", "number", "status"]
        fields += ["effective_from", "change_control", "author", "sha256"]


class VersionOutput(VersionLine):
    """A version with its text, its content, its signatures and what the caller may do next."""

    signatures = serializers.SerializerMethodField()
    manifest_digest = serializers.SerializerMethodField()
    acts = serializers.SerializerMethodField()

    class Meta(VersionLine.Meta):
        fields = [*VersionLine.Meta.fields, "source", "document", "signatures"]
        fields += ["manifest_digest", "acts"]

    @extend_schema_field(RecipeSignatureOutput(many=True))
    def get_signatures(self, version: RecipeVersion) -> Any:
        lines: Any = signature_lines(version)
        return RecipeSignatureOutput(lines, many=True).data

    def get_manifest_digest(self, version: RecipeVersion) -> str:
        return manifest_digest(version)

    def get_acts(self, version: RecipeVersion) -> list[str]:
        return [each.name for each in VERSION.available(version, self.context["request"].user)]


class FaultOutput(serializers.Serializer[DocumentFault]):
    line = serializers.IntegerField()
    field = serializers.CharField()
    message = serializers.CharField()


class ValidationOutput(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    faults = FaultOutput(many=True)


class DifferenceOutput(serializers.Serializer[Difference]):
    place = serializers.CharField()
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "reordered"])
    before = serializers.CharField()
    after = serializers.CharField()


class SignedInput(serializers.Serializer[Any]):
    signature = SignatureInput()


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField()
