"""Specifications and methods."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.accounts.models import Site, User
from mes.api import ActView, ListView, SignatureInput, by_id, credential
from mes.errors import NotFound
from mes.records.signing import authenticate_signer
from qc_release import queries, services
from qc_release.api.outputs import MethodOutput, VersionOutput
from qc_release.models import Method, SpecificationVersion

TAGS = ["specifications"]


def site_of(user: User, code: str, permission: str) -> Site:
    """The site of this code where the person has the right; NotFound otherwise."""
    site = Site.objects.filter(code=code, id__in=user.sites_for(permission)).first()
    if site is None:
        raise NotFound(f"There is no site {code} here.", site=code)
    return site


class Signed(serializers.Serializer[Any]):
    signature = SignatureInput()


class WithReason(serializers.Serializer[Any]):
    reason = serializers.CharField()


@extend_schema_view(
    get=extend_schema(
        operation_id="specifications_list", responses=VersionOutput, summary="Versions, newest first", tags=TAGS
    )
)
class Specifications(ListView):
    permission = {"get": "qc.view", "post": "qc.specify"}
    serializer_class = VersionOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        source = serializers.CharField(help_text="the document, YAML or JSON", trim_whitespace=False)  # type: ignore[assignment]
        change_control = serializers.CharField(required=False, default="", allow_blank=True)

    def get_queryset(self) -> Any:
        return queries.versions_visible_to(self.user)

    @extend_schema(
        operation_id="specifications_import",
        request=Input,
        responses={201: VersionOutput},
        summary="Import a draft",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        site = site_of(self.user, data.pop("site"), "qc.specify")
        version = services.import_specification(actor=self.user, site=site, **data)
        return Response(VersionOutput(version).data, status=201)


class SpecificationView(ActView):
    permission = "qc.view"
    Output = VersionOutput

    @extend_schema(operation_id="specifications_read", responses=VersionOutput, summary="One version", tags=TAGS)
    def get(self, request: Request, version_id: UUID) -> Response:
        return self.answer(by_id(queries.versions_visible_to(self.user), version_id, "specification"))


class ApproveSpecification(ActView):
    permission = "qc.approve_specification"
    Input = Signed
    Output = VersionOutput

    @extend_schema(
        operation_id="specifications_approve",
        request=Signed,
        responses=VersionOutput,
        summary="Approve a draft and put it into force",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version: SpecificationVersion = by_id(queries.versions_visible_to(self.user), version_id, "specification")
        self.read(request)
        signer = authenticate_signer(
            credential(request), meaning="approved", site=version.site, acting=self.user, subject=version
        )
        return self.answer(services.approve_version(actor=self.user, version=version, signer=signer))


class WithdrawSpecification(ActView):
    permission = "qc.specify"
    Input = WithReason
    Output = VersionOutput

    @extend_schema(
        operation_id="specifications_withdraw",
        request=WithReason,
        responses=VersionOutput,
        summary="Give up a draft",
        tags=TAGS,
    )
    def post(self, request: Request, version_id: UUID) -> Response:
        version = by_id(queries.versions_visible_to(self.user), version_id, "specification")
        data = self.read(request)
        return self.answer(services.withdraw_version(actor=self.user, version=version, **data))


@extend_schema_view(
    get=extend_schema(operation_id="methods_list", responses=MethodOutput, summary="Test methods", tags=TAGS)
)
class Methods(ListView):
    permission = {"get": "qc.view", "post": "qc.specify"}
    serializer_class = MethodOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        code = serializers.CharField(max_length=40)
        number = serializers.CharField(max_length=20)
        name = serializers.CharField(max_length=200)
        suitability = serializers.CharField(max_length=300)

    def get_queryset(self) -> Any:
        return queries.methods_visible_to(self.user)

    @extend_schema(
        operation_id="methods_add", request=Input, responses={201: MethodOutput}, summary="Add a method", tags=TAGS
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        site = site_of(self.user, data.pop("site"), "qc.specify")
        return Response(MethodOutput(services.add_method(actor=self.user, site=site, **data)).data, status=201)


class ApproveMethod(ActView):
    permission = "qc.approve_specification"
    Input = Signed
    Output = MethodOutput

    @extend_schema(
        operation_id="methods_approve",
        request=Signed,
        responses=MethodOutput,
        summary="Approve a method",
        tags=TAGS,
    )
    def post(self, request: Request, method_id: UUID) -> Response:
        method: Method = by_id(queries.methods_visible_to(self.user), method_id, "method")
        self.read(request)
        signer = authenticate_signer(
            credential(request), meaning="approved", site=method.site, acting=self.user, subject=method
        )
        return self.answer(services.approve_method(actor=self.user, method=method, signer=signer))


class RetireMethod(ActView):
    permission = "qc.approve_specification"
    Input = WithReason
    Output = MethodOutput

    @extend_schema(
        operation_id="methods_retire",
        request=WithReason,
        responses=MethodOutput,
        summary="Retire a method",
        tags=TAGS,
    )
    def post(self, request: Request, method_id: UUID) -> Response:
        method = by_id(queries.methods_visible_to(self.user), method_id, "method")
        data = self.read(request)
        return self.answer(services.retire_method(actor=self.user, method=method, **data))
