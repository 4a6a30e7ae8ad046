"""Recipes and their versions over /api/v1/."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes import clock
from mes.accounts.models import Site, User
from mes.api import ActView, ListView, by_id, check_version, credential
from mes.errors import NotFound
from mes.records.signing import Signer, authenticate_signer
from recipes import queries, services
from recipes.document import faults_in
from recipes.document.schema import published_schema
from recipes.models import Recipe, RecipeVersion
from recipes.representations import (
    DifferenceOutput,
    ReasonInput,
    RecipeOutput,
    SignedInput,
    SourceInput,
    ValidationOutput,
    VersionLine,
    VersionOutput,
)

TAGS = ["recipes"]


@extend_schema_view(
    get=extend_schema(
        operation_id="recipes_list",
        responses=RecipeOutput,
        summary="The recipes of your sites",
        tags=TAGS,
    )
)
class Recipes(ListView):
    permission = {"get": "recipes.view", "post": "recipes.draft"}
    serializer_class = RecipeOutput

    class Input(SourceInput):
        site = serializers.CharField()

    def get_queryset(self) -> QuerySet[Recipe]:
        return queries.recipes_visible_to(self.user)

    @extend_schema(
        operation_id="recipes_import",
        request=Input,
        responses={201: VersionOutput},
        summary="Import a recipe document as version 1, a draft",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        site = site_of(self.user, form.validated_data["site"])
        source = form.validated_data["source"]
        version = services.import_recipe(actor=self.user, site=site, source=source)
        body = VersionOutput(version, context={"request": request}).data
        return Response(body, status=201, headers={"ETag": f'"{version.version}"'})


class RecipeView(ActView):
    permission = "recipes.view"
    Output = RecipeOutput

    @extend_schema(operation_id="recipes_read", responses=RecipeOutput, summary="One recipe", tags=TAGS)
    def get(self, request: Request, recipe_id: UUID) -> Response:
        return self.answer(recipe_for(self.user, recipe_id))


class Validate(ActView):
    permission = "recipes.view"
    Input = SourceInput
    Output = ValidationOutput

    @extend_schema(
        operation_id="recipes_validate",
        request=SourceInput,
        responses=ValidationOutput,
        summary="Check a document without saving it: every fault with line and field",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        faults = faults_in(self.read(request)["source"])
        return self.answer({"valid": not faults, "faults": faults})


class Schema(ActView):
    permission = "recipes.view"

    @extend_schema(
        operation_id="recipes_schema",
        responses=OpenApiTypes.OBJECT,
        summary="JSON Schema of the recipe document",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return Response(published_schema())


class Effective(ActView):
    permission = "recipes.view"
    Output = VersionOutput

    @extend_schema(
        operation_id="recipes_effective",
        parameters=[
            OpenApiParameter("site", str, required=True),
            OpenApiParameter("code", str, required=True),
        ],
        responses=VersionOutput,
        summary="The version in force now at a site",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        site = site_of(self.user, request.query_params.get("site", ""))
        code = request.query_params.get("code", "")
        version = queries.effective_version(site, code, clock.now(site))
        if version is None:
            raise NotFound(f"No version of {code} is in force at {site.code}.", recipe=code)
        return self.answer(version)


@extend_schema_view(
    get=extend_schema(
        operation_id="recipes_versions",
        responses=VersionLine,
        summary="The versions of a recipe, newest first",
        tags=TAGS,
    )
)
class Versions(ListView):
    permission = {"get": "recipes.view", "post": "recipes.draft"}
    serializer_class = VersionLine

    class Input(SourceInput):
        change_control = serializers.CharField(max_length=60, help_text="id of the change control")

    def get_queryset(self) -> QuerySet[RecipeVersion]:
        versions = queries.versions_visible_to(self.user)
        return versions.filter(recipe_id=recipe_for(self.user, self.kwargs["recipe_id"]).id)

    @extend_schema(
        operation_id="recipes_revise",
        request=Input,
        responses={201: VersionOutput},
        summary="Make the next version, a draft under change control",
        tags=TAGS,
    )
    def post(self, request: Request, recipe_id: UUID) -> Response:
        recipe = recipe_for(self.user, recipe_id)
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        version = services.revise(actor=self.user, recipe=recipe, **form.validated_data)
        body = VersionOutput(version, context={"request": request}).data
        return Response(body, status=201, headers={"ETag": f'"{version.version}"'})


class Version(ActView):
    permission = {"get": "recipes.view", "patch": "recipes.draft"}
    Input = SourceInput
    Output = VersionOutput

    @extend_schema(
        operation_id="recipes_version_read",
        responses=VersionOutput,
        summary="One version with its text, content and signatures",
        tags=TAGS,
    )
    def get(self, request: Request, version_id: UUID) -> Response:
        return self.answer(version_for(self.user, version_id))

    @extend_schema(
        operation_id="recipes_version_rewrite",
        request=SourceInput,
        responses=VersionOutput,
        summary="Replace the text of a draft; anything later is locked",
        tags=TAGS,
    )
    def patch(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        check_version(request, version)
        source = self.read(request)["source"]
        services.rewrite(actor=self.user, version=version, source=source)
        return self.answer(version_for(self.user, version_id))


class Submit(ActView):
    permission = "recipes.draft"
    Input = SignedInput
    Output = VersionOutput

    @extend_schema(
        operation_id="recipes_submit",
        request=SignedInput,
        responses=VersionOutput,
        summary="Hand a draft to review, signed as prepared",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        self.read(request)
        signer = signer_of(request, self.user, version, "prepared")
        services.submit(actor=self.user, version=version, signer=signer)
        return self.answer(version_for(self.user, version_id))


class SendBack(ActView):
    permission = "recipes.review"
    Input = ReasonInput
    Output = VersionOutput

    @extend_schema(
        operation_id="recipes_send_back",
        request=ReasonInput,
        responses=VersionOutput,
        summary="Return a version to its author with a reason",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        reason = self.read(request)["reason"]
        services.send_back(actor=self.user, version=version, reason=reason)
        return self.answer(version_for(self.user, version_id))


class Review(ActView):
    permission = "recipes.review"
    Input = SignedInput
    Output = VersionOutput

    @extend_schema(
        operation_id="recipes_review",
        request=SignedInput,
        responses=VersionOutput,
        summary="Sign the independent check (not by an author)",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        self.read(request)
        signer = signer_of(request, self.user, version, "reviewed")
        services.review(actor=self.user, version=version, signer=signer)
        return self.answer(version_for(self.user, version_id))


class Approve(ActView):
    permission = "recipes.approve"
    Output = VersionOutput

    class Input(SignedInput):
        effective_from = serializers.DateTimeField(
            required=False, default=None, allow_null=True, help_text="process time; now if left out"
        )

    @extend_schema(
        operation_id="recipes_approve",
        request=Input,
        responses=VersionOutput,
        summary="Approve a reviewed version for the quality unit, from a date",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        starts = self.read(request)["effective_from"]
        signer = signer_of(request, self.user, version, "approved")
        services.approve(actor=self.user, version=version, signer=signer, effective_from=starts)
        return self.answer(version_for(self.user, version_id))


class Withdraw(ActView):
    permission = "recipes.approve"
    Output = VersionOutput

    class Input(SignedInput, ReasonInput):
        pass

    @extend_schema(
        operation_id="recipes_withdraw",
        request=Input,
        responses=VersionOutput,
        summary="Take a version out of force, with a reason",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        reason = self.read(request)["reason"]
        signer = signer_of(request, self.user, version, "withdrawn")
        services.withdraw(actor=self.user, version=version, signer=signer, reason=reason)
        return self.answer(version_for(self.user, version_id))


class Compare(ActView):
    permission = "recipes.view"
    Output = DifferenceOutput

    @extend_schema(
        operation_id="recipes_compare",
        parameters=[OpenApiParameter("with", UUID, required=True, description="the older version")],
        responses=DifferenceOutput(many=True),
        summary="What changes from another version to this one, line by line",
        tags=TAGS,
    )
    def get(self, request: Request, version_id: UUID) -> Response:
        version = version_for(self.user, version_id)
        older = version_for(self.user, as_uuid(request.query_params.get("with", "")))
        return self.answer(queries.compare(older, version), many=True)


def recipe_for(user: User, recipe_id: UUID) -> Recipe:
    found: Recipe = by_id(queries.recipes_visible_to(user), recipe_id, "recipe")
    return found


def version_for(user: User, version_id: UUID) -> RecipeVersion:
    found: RecipeVersion = by_id(queries.versions_visible_to(user), version_id, "recipe version")
    return found


def site_of(user: User, code: str) -> Site:
    site = Site.objects.filter(code=code, id__in=user.site_ids()).first()
    if site is None:
        raise NotFound(f"There is no site {code} for you.", site=code)
    return site


def signer_of(request: Request, user: User, version: RecipeVersion, meaning: str) -> Signer:
    return authenticate_signer(credential(request), meaning=meaning, site=version.site, acting=user, subject=version)


def as_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such recipe version here.", id=text) from None
