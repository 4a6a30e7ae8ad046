"""Calls about people: tokens, who am I, users and their roles."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes import server_clock
from mes.accounts import services
from mes.accounts.models import RoleGrant, Site, User
from mes.accounts.queries import people_of
from mes.accounts.rights import Role
from mes.api import ActView, ListView, by_id
from mes.records.services import note_security

TOKEN_LIFE = timedelta(hours=12)


class SiteOutput(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = (
            "id",
            "code",
            "name",
            "timezone",
            "is_demonstration",
            "clock_scale",
            "idle_minutes",
            "full_credential_for",
            "late_entry_minutes",
            "only_registered_terminals",
        )


class SiteClock(ActView):
    """Run a demonstration site's clock faster, from now on."""

    permission = "accounts.manage"
    Output = SiteOutput

    class Input(serializers.Serializer[Any]):
        scale = serializers.IntegerField(min_value=1, max_value=100_000)

    @extend_schema(
        request=Input,
        responses=SiteOutput,
        summary="Scale a demonstration clock",
        tags=["accounts"],
        operation_id="site_clock",
    )
    def post(self, request: Request, site_id: Any) -> Response:
        site = by_id(Site.objects.filter(id__in=self.user.sites_for("accounts.manage")), site_id, "site")
        return self.answer(services.set_clock_scale(actor=self.user, site=site, **self.read(request)))


class PersonOutput(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "printed_name", "email", "badge", "language", "is_active", "must_change_password")


class Tokens(APIView):
    """Sign in for programs: user name and password for a token that lives twelve hours."""

    permission = ""
    permission_classes = (AllowAny,)
    authentication_classes = ()

    class Input(serializers.Serializer[Any]):
        username = serializers.CharField()
        password = serializers.CharField(trim_whitespace=False)

    class Output(serializers.Serializer[Any]):
        token = serializers.CharField()
        expires_at = serializers.DateTimeField()

    @extend_schema(
        request=Input,
        responses={201: Output},
        summary="Sign in for a token",
        tags=["accounts"],
        operation_id="token_create",
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.sign_in(**form.validated_data)
        AuthToken.objects.filter(user=user, expiry__lt=server_clock.now()).delete()
        stored, token = AuthToken.objects.create(user=user, expiry=TOKEN_LIFE)
        return Response(self.Output({"token": token, "expires_at": stored.expiry}).data, status=201)


class Me(ActView):
    """Who is calling, with roles and rights by site."""

    permission = ""

    class Output(serializers.Serializer[Any]):
        id = serializers.UUIDField()
        username = serializers.CharField()
        printed_name = serializers.CharField()
        language = serializers.CharField()
        sites = serializers.ListField(child=serializers.DictField())

    @extend_schema(responses=Output, summary="Who am I", tags=["accounts"], operation_id="me")
    def get(self, request: Request) -> Response:
        user = self.user
        sites = [{**SiteOutput(site).data, "roles": sorted(user.roles_at(site))} for site in user.sites()]
        facts = {name: getattr(user, name) for name in ("id", "username", "printed_name", "language")}
        return Response(self.Output(facts | {"sites": sites}).data)

    @extend_schema(responses={204: None}, summary="End this token", tags=["accounts"], operation_id="token_end")
    def delete(self, request: Request) -> Response:
        if isinstance(request.auth, AuthToken):
            request.auth.delete()
        note_security("signed_out", user=self.user)
        return Response(status=204)


class OwnPassword(ActView):
    """Change one's own password; open to a person who must."""

    permission = ""
    permission_classes = ActView.permission_classes[:1]

    class Input(serializers.Serializer[Any]):
        old = serializers.CharField(trim_whitespace=False)
        new = serializers.CharField(trim_whitespace=False)

    @extend_schema(
        request=Input,
        responses={204: None},
        summary="Change my password",
        tags=["accounts"],
        operation_id="password_set",
    )
    def post(self, request: Request) -> Response:
        services.set_password(user=self.user, **self.read(request))
        return Response(status=204)


class LanguageInput(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=settings.LANGUAGES)


class OwnLanguage(ActView):
    """The language of one's own pages."""

    permission = ""
    Input = LanguageInput

    @extend_schema(
        request=LanguageInput,
        responses={204: None},
        summary="Choose my language",
        tags=["accounts"],
        operation_id="language_choose",
    )
    def post(self, request: Request) -> Response:
        services.choose_language(actor=self.user, user=self.user, **self.read(request))
        return Response(status=204)


class Language(ActView):
    """The language of somebody's pages."""

    permission = "accounts.manage"
    Input = LanguageInput
    Output = PersonOutput

    @extend_schema(
        request=LanguageInput,
        responses=PersonOutput,
        summary="Choose a person's language",
        tags=["accounts"],
        operation_id="users_language",
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "accounts.manage"), user_id, "person")
        return self.answer(services.choose_language(actor=self.user, user=person, **self.read(request)))


class Users(ListView):
    """The register of people."""

    permission = {"get": "accounts.manage", "post": "accounts.manage"}
    serializer_class = PersonOutput

    class Input(serializers.Serializer[Any]):
        username = serializers.CharField(max_length=150)
        printed_name = serializers.CharField(max_length=150)
        password = serializers.CharField(trim_whitespace=False)
        pin = serializers.CharField(required=False, allow_blank=True, default="")
        badge = serializers.CharField(required=False, allow_blank=True, default="")
        email = serializers.EmailField(required=False, allow_blank=True)

    def get_queryset(self) -> QuerySet[User]:
        return people_visible_to(self.user, "accounts.manage")

    @extend_schema(
        responses=PersonOutput(many=True), summary="List people", tags=["accounts"], operation_id="users_list"
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=Input,
        responses={201: PersonOutput},
        summary="Add a person",
        tags=["accounts"],
        operation_id="users_add",
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.create_user(actor=self.user, **form.validated_data)
        return Response(PersonOutput(user).data, status=201)


class Grants(ActView):
    """Give a role at a site."""

    permission = "accounts.manage"

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField(help_text="site code")
        role = serializers.ChoiceField(choices=Role.choices)

    class Output(serializers.ModelSerializer[RoleGrant]):
        class Meta:
            model = RoleGrant
            fields = ("id", "role", "valid_from", "valid_until")

    @extend_schema(
        request=Input, responses={201: Output}, summary="Grant a role", tags=["accounts"], operation_id="grants_add"
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "accounts.manage"), user_id, "person")
        data = self.read(request)
        site = Site.objects.get(code=data["site"], id__in=self.user.sites_for("accounts.manage"))
        grant = services.grant_role(actor=self.user, user=person, site=site, role=data["role"])
        return self.answer(grant, status=201)


class WithdrawGrant(ActView):
    """End a role now."""

    permission = "accounts.manage"
    Output = Grants.Output

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField()

    @extend_schema(
        request=Input,
        responses=Grants.Output,
        summary="Withdraw a role",
        tags=["accounts"],
        operation_id="grants_withdraw",
    )
    def post(self, request: Request, grant_id: Any) -> Response:
        grants = RoleGrant.objects.filter(site__in=self.user.sites_for("accounts.manage"))
        grant = by_id(grants, grant_id, "grant")
        return self.answer(services.withdraw_role(actor=self.user, grant=grant, **self.read(request)))


class Unlock(ActView):
    """Open a locked account."""

    permission = "accounts.manage"

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField()

    @extend_schema(
        request=Input,
        responses={204: None},
        summary="Unlock an account",
        tags=["accounts"],
        operation_id="users_unlock",
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "accounts.manage"), user_id, "person")
        services.unlock(actor=self.user, user=person, **self.read(request))
        return Response(status=204)


class ResetCredentials(ActView):
    """A temporary password for whoever forgot or lost theirs; it signs nothing and the PIN is void."""

    permission = "accounts.manage"
    Output = PersonOutput

    class Input(serializers.Serializer[Any]):
        password = serializers.CharField(trim_whitespace=False)
        reason = serializers.CharField()

    @extend_schema(
        request=Input,
        responses=PersonOutput,
        summary="Reset password and PIN",
        tags=["accounts"],
        operation_id="users_reset_credentials",
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "accounts.manage"), user_id, "person")
        return self.answer(services.reset_credentials(actor=self.user, user=person, **self.read(request)))


class Deactivate(ActView):
    """Close an account: its person signs in and signs no more; nothing is deleted."""

    permission = "accounts.manage"
    Output = PersonOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField()

    @extend_schema(
        request=Input,
        responses=PersonOutput,
        summary="Close an account",
        tags=["accounts"],
        operation_id="users_deactivate",
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "accounts.manage"), user_id, "person")
        return self.answer(services.deactivate_user(actor=self.user, user=person, **self.read(request)))


class People(ListView):
    """Colleagues by name, for those who assign work or record a training."""

    permission = "batches.issue"

    class Output(serializers.ModelSerializer[User]):
        class Meta:
            model = User
            fields = ("id", "username", "printed_name")

    serializer_class = Output

    def get_queryset(self) -> QuerySet[User]:
        return people_visible_to(self.user, "batches.issue").filter(is_active=True)

    @extend_schema(
        responses=Output(many=True), summary="List colleagues", tags=["accounts"], operation_id="people_list"
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class Training(ActView):
    """Record the training of a person on a version; the trainer is whoever calls."""

    permission = "batches.issue"

    class Input(serializers.Serializer[Any]):
        subject = serializers.CharField(max_length=80, help_text="e.g. recipe:CART-A")
        version = serializers.IntegerField(min_value=1)
        valid_days = serializers.IntegerField(min_value=1, required=False, default=None, allow_null=True)

    @extend_schema(
        request=Input,
        responses={204: None},
        summary="Record a training",
        tags=["accounts"],
        operation_id="training_add",
    )
    def post(self, request: Request, user_id: Any) -> Response:
        person = by_id(people_visible_to(self.user, "batches.issue"), user_id, "person")
        services.record_training(actor=self.user, user=person, **self.read(request))
        return Response(status=204)


def people_visible_to(user: User, permission: str) -> QuerySet[User]:
    """The people of the sites where the caller has the right, and newcomers who are of no site yet."""
    return people_of(user.sites_for(permission)).filter(kind=User.Kind.PERSON)
