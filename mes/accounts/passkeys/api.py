"""Calls about passkeys: questions to answer, and one's own passkeys."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.accounts.enrolment_api import AccountAct, RevocationInput
from mes.accounts.models import Passkey
from mes.accounts.passkeys import keys, proof
from mes.api import ActView, ListView, PasskeyAnswer, by_id
from mes.errors import InvalidInput

TAGS = ["accounts"]


class QuestionOutput(serializers.Serializer[Any]):
    challenge = serializers.UUIDField()
    options = serializers.DictField(help_text="for navigator.credentials, in its JSON form")


class PasskeyOutput(serializers.ModelSerializer[Passkey]):
    class Meta:
        model = Passkey
        fields = ("id", "label", "registered_at", "removed_at")


class AskForSignIn(APIView):
    """A question for somebody at the door: answered with the sign-in."""

    permission = ""
    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(
        request=None,
        responses=QuestionOutput,
        summary="Begin to sign in with a passkey",
        tags=TAGS,
        operation_id="passkey_ask_sign_in",
    )
    def post(self, request: Request) -> Response:
        return Response(QuestionOutput(proof.ask_for_sign_in()).data)


class AskForSignature(ActView):
    """A question for one signature: answered with the signature, which then is a full credential."""

    permission = ""
    Output = QuestionOutput

    class Input(serializers.Serializer[Any]):
        meaning = serializers.CharField(max_length=60, help_text="performed, verified …")
        seen = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
        second = serializers.BooleanField(default=False, help_text="the second person signs, whoever that is")

    @extend_schema(
        request=Input,
        responses=QuestionOutput,
        summary="Begin to sign with a passkey",
        tags=TAGS,
        operation_id="passkey_ask_signature",
    )
    def post(self, request: Request) -> Response:
        data = self.read(request)
        user = None if data.pop("second") else self.user
        return self.answer(proof.ask_for_signature(user=user, **data))


class BeginPasskey(ActView):
    """Begin to add a passkey of one's own, with the password."""

    permission = ""
    Output = QuestionOutput

    class Input(serializers.Serializer[Any]):
        password = serializers.CharField(trim_whitespace=False)

    @extend_schema(
        request=Input,
        responses=QuestionOutput,
        summary="Begin to add a passkey",
        tags=TAGS,
        operation_id="passkeys_begin",
    )
    def post(self, request: Request) -> Response:
        return self.answer(keys.begin_registration(user=self.user, **self.read(request)))


class OwnPasskeys(ListView):
    """One's own passkeys."""

    permission = {"get": "", "post": ""}
    serializer_class = PasskeyOutput

    class Input(PasskeyAnswer):
        name = serializers.CharField(max_length=60, help_text="by which its person knows it")

    def get_queryset(self) -> QuerySet[Passkey]:
        return Passkey.objects.filter(user=self.user)

    @extend_schema(responses=PasskeyOutput(many=True), summary="My passkeys", tags=TAGS, operation_id="passkeys_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=Input, responses={201: PasskeyOutput}, summary="Add a passkey", tags=TAGS, operation_id="passkeys_add"
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        answer = proof.Answer.read(form.validated_data)
        if answer is None:
            raise InvalidInput("The passkey did not answer.", field="response")
        passkey = keys.register_passkey(user=self.user, answer=answer, label=form.validated_data["name"])
        return Response(PasskeyOutput(passkey).data, status=201)


class RemovePasskey(ActView):
    """Take off a passkey of one's own."""

    permission = ""
    Output = PasskeyOutput

    @extend_schema(
        request=None, responses=PasskeyOutput, summary="Take off a passkey", tags=TAGS, operation_id="passkeys_remove"
    )
    def post(self, request: Request, passkey_id: UUID) -> Response:
        mine = Passkey.objects.filter(user=self.user).select_related("user")
        return self.answer(keys.remove_passkey(user=self.user, passkey=by_id(mine, passkey_id, "passkey")))


class RevokePasskey(AccountAct):
    """A passkey is lost: it opens nothing any more, and the sessions and tokens of its person are over."""

    Input = RevocationInput
    Output = PasskeyOutput

    @extend_schema(
        request=RevocationInput,
        responses=PasskeyOutput,
        summary="Revoke a passkey",
        tags=TAGS,
        operation_id="passkeys_revoke",
    )
    def post(self, request: Request, user_id: UUID, passkey_id: UUID) -> Response:
        found = Passkey.objects.filter(user=self.person(user_id)).select_related("user")
        passkey = by_id(found, passkey_id, "passkey")
        return self.answer(keys.revoke_passkey(actor=self.user, passkey=passkey, **self.read(request)))
