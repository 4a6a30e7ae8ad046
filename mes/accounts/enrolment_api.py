"""Calls about what comes before a signature: identity checks, badges, the signature policy."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.accounts import badges, enrolment
from mes.accounts.api import PersonOutput, SiteOutput, people_visible_to
from mes.accounts.models import BadgeTest, IdentityCheck, PolicyAcceptance, SignaturePolicy, Site, User
from mes.accounts.queries import overdue_badges
from mes.api import ActView, KeysetPagination, ListView, by_id

RIGHT = "accounts.manage"


class AccountAct(ActView):
    """An act of an administrator on the account of somebody of their sites."""

    permission = RIGHT

    def person(self, user_id: UUID) -> User:
        person: User = by_id(people_visible_to(self.user, RIGHT), user_id, "person")
        return person


class RevocationInput(serializers.Serializer[Any]):
    reason = serializers.CharField()


class IdentityChecks(AccountAct):
    """The identity of a person was checked; before that they sign nothing."""

    class Input(serializers.Serializer[Any]):
        method = serializers.ChoiceField(choices=IdentityCheck.Method.choices)
        checked_on = serializers.DateField()

    class Output(serializers.ModelSerializer[IdentityCheck]):
        class Meta:
            model = IdentityCheck
            fields = ("id", "method", "checked_on", "checked_by", "at")

    @extend_schema(
        request=Input,
        responses={201: Output},
        summary="Record an identity check",
        tags=["accounts"],
        operation_id="identity_checks_add",
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        person = self.person(user_id)
        check = enrolment.record_identity_check(actor=self.user, user=person, **self.read(request))
        return self.answer(check, status=201)


class IssueBadge(AccountAct):
    """Give a person a badge; it is read twice."""

    Output = PersonOutput

    class Input(serializers.Serializer[Any]):
        badge = serializers.CharField(max_length=40)
        read_back = serializers.CharField(max_length=40, help_text="what a reader made of it the second time")

    @extend_schema(
        request=Input, responses=PersonOutput, summary="Issue a badge", tags=["accounts"], operation_id="badges_issue"
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        person = self.person(user_id)
        return self.answer(badges.issue_badge(actor=self.user, user=person, **self.read(request)))


class TestBadge(AccountAct):
    """Keep the result of a periodic test."""

    class Input(serializers.Serializer[Any]):
        read = serializers.CharField(allow_blank=True, help_text="what a reader made of the badge; empty: nothing")
        remark = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)

    class Output(serializers.ModelSerializer[BadgeTest]):
        class Meta:
            model = BadgeTest
            fields = ("id", "badge", "passed", "remark", "tested_by", "at")

    @extend_schema(
        request=Input, responses={201: Output}, summary="Test a badge", tags=["accounts"], operation_id="badges_test"
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        person = self.person(user_id)
        return self.answer(badges.record_badge_test(actor=self.user, user=person, **self.read(request)), status=201)


class RevokeBadge(AccountAct):
    """A badge is lost: it opens nothing any more, and the sessions and tokens of its person are over."""

    Input = RevocationInput
    Output = PersonOutput

    @extend_schema(
        request=RevocationInput,
        responses=PersonOutput,
        summary="Revoke a badge",
        tags=["accounts"],
        operation_id="badges_revoke",
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        person = self.person(user_id)
        return self.answer(badges.revoke_badge(actor=self.user, user=person, **self.read(request)))


class ByUserName(KeysetPagination):
    ordering = ("username",)


class OverdueBadges(ListView):
    """Badges whose test is overdue, or failed."""

    permission = RIGHT
    pagination_class = ByUserName

    class Output(serializers.ModelSerializer[User]):
        tested_at = serializers.DateTimeField(allow_null=True)
        test_passed = serializers.BooleanField(allow_null=True)

        class Meta:
            model = User
            fields = ("id", "username", "printed_name", "badge", "tested_at", "test_passed")

    serializer_class = Output

    def get_queryset(self) -> QuerySet[User]:
        return overdue_badges(self.user.sites_for(RIGHT))

    @extend_schema(
        responses=Output(many=True), summary="Badges to be tested", tags=["accounts"], operation_id="badges_overdue"
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ByNumber(KeysetPagination):
    ordering = ("-number",)


class SignaturePolicies(ListView):
    """The versions of the signature policy, the one in force first."""

    permission = {"get": "", "post": RIGHT}
    pagination_class = ByNumber
    queryset = SignaturePolicy.objects.all()

    class Input(serializers.Serializer[Any]):
        text = serializers.CharField()

    class Output(serializers.ModelSerializer[SignaturePolicy]):
        class Meta:
            model = SignaturePolicy
            fields = ("number", "text", "issued_by", "at")

    serializer_class = Output

    @extend_schema(
        responses=Output(many=True),
        summary="The signature policy, version by version",
        tags=["accounts"],
        operation_id="signature_policies_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=Input,
        responses={201: Output},
        summary="Put a new version of the signature policy in force",
        tags=["accounts"],
        operation_id="signature_policies_issue",
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        policy = enrolment.issue_signature_policy(actor=self.user, **form.validated_data)
        return Response(self.Output(policy).data, status=201)


class OwnAcceptance(ActView):
    """Accept the signature policy in force, under one's own name."""

    permission = ""

    class Input(serializers.Serializer[Any]):
        number = serializers.IntegerField(min_value=1, help_text="the version that was read")
        password = serializers.CharField(trim_whitespace=False)

    class Output(serializers.ModelSerializer[PolicyAcceptance]):
        number = serializers.IntegerField(source="policy.number")

        class Meta:
            model = PolicyAcceptance
            fields = ("number", "at")

    @extend_schema(
        request=Input,
        responses={201: Output},
        summary="Accept the signature policy",
        tags=["accounts"],
        operation_id="signature_policy_accept",
    )
    def post(self, request: Request) -> Response:
        return self.answer(enrolment.accept_signature_policy(user=self.user, **self.read(request)), status=201)


class FullCredential(ActView):
    """For which meanings a PIN is not enough at a site."""

    permission = RIGHT
    Output = SiteOutput

    class Input(serializers.Serializer[Any]):
        meanings = serializers.ListField(child=serializers.CharField(), allow_empty=True)

    @extend_schema(
        request=Input,
        responses=SiteOutput,
        summary="Where a PIN is not enough",
        tags=["accounts"],
        operation_id="site_full_credential",
    )
    def post(self, request: Request, site_id: UUID) -> Response:
        site = by_id(Site.objects.filter(id__in=self.user.sites_for(RIGHT)), site_id, "site")
        return self.answer(enrolment.set_full_credential(actor=self.user, site=site, **self.read(request)))


class OnlyRegisteredTerminals(ActView):
    """Whether the steps of a site are worked on at registered terminals only."""

    permission = RIGHT
    Output = SiteOutput

    class Input(serializers.Serializer[Any]):
        only = serializers.BooleanField()

    @extend_schema(
        request=Input,
        responses=SiteOutput,
        summary="Only registered terminals",
        tags=["accounts"],
        operation_id="site_only_registered_terminals",
    )
    def post(self, request: Request, site_id: UUID) -> Response:
        site = by_id(Site.objects.filter(id__in=self.user.sites_for(RIGHT)), site_id, "site")
        return self.answer(enrolment.set_only_registered_terminals(actor=self.user, site=site, **self.read(request)))
