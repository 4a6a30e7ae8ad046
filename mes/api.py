"""The API's conventions: one class per act, one error form, idempotency keys, versions, keyset pages."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import Http404, HttpRequest
from django.utils import translation
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import exceptions, generics, pagination, serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.accounts.models import Site, User
from mes.accounts.passkeys.proof import Answer
from mes.accounts.sessions import continuity_of
from mes.accounts.tokens import CookieAuthentication
from mes.device import device_of, note_skew
from mes.errors import Conflict, InvalidInput, MesError, NotFound, NotPermitted, SignatureRefused, StaleVersion
from mes.languages import language_of
from mes.phrases import Phrase, shown
from mes.records import current
from mes.records.models import IdempotencyKey, RecordedModel
from mes.records.services import note_security
from mes.records.signing import Credential, Signer, authenticate_signer

READING = ("GET", "HEAD", "OPTIONS")


class HasRight(BasePermission):
    """The right the view declares, at any site; which site it must be is a matter of the object and the service."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = cast(User, request.user)
        permission = permission_of(view, request.method or "GET")
        if user.must_change_password:
            raise NotPermitted("Choose your own password first.", rule="must_change_password")
        if permission and not user.may_anywhere(permission):
            raise NotPermitted(
                Phrase("You have no right “{permission}”.", permission=permission), permission=permission
            )
        return True


def permission_of(view: Any, method: str) -> str:
    """The right a view asks for a method: one for all, or a dict by method.

    A method that the dict does not name is none of the view's: nothing is asked, and the answer is 405.
    """
    declared: str | Mapping[str, str] = view.permission
    if isinstance(declared, str):
        return declared
    return declared.get("get" if method.upper() in READING else method.lower(), "")


class _Guarded(APIView):
    """Sign-in, right and idempotency, before any input is read."""

    permission: ClassVar[str | dict[str, str]]
    permission_classes: Any = (IsAuthenticated, HasRight)
    shown_once: ClassVar[frozenset[str]] = frozenset()  # fields of the answer that no repeated call is told

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in READING:
            _know_device(request)
        key = request.headers.get("Idempotency-Key", "")
        if key and request.method not in READING:
            _begin_once(request, key)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        claim = current.request.get().idempotency
        if claim is not None and claim.written and not isinstance(done.data, _Replayed):
            _remember(claim, done, self.shown_once)
        return done


class ActView(_Guarded):
    """One act. Subclasses nest `Input` and `Output` serializers and write `post` (or `get`)."""

    Input: ClassVar[type[serializers.Serializer[Any]]]
    Output: ClassVar[type[serializers.Serializer[Any]]]

    def read(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        """The validated body; InvalidInput names each field that is not right."""
        form = self.Input(data=request.data, partial=partial, context={"request": request})
        form.is_valid(raise_exception=True)
        return cast(dict[str, Any], form.validated_data)

    def answer(self, obj: Any, *, status: int = 200, many: bool = False) -> Response:
        """The object in the form of `Output`, with its version as ETag."""
        headers = {"ETag": f'"{obj.version}"'} if isinstance(obj, RecordedModel) else {}
        body = self.Output(obj, many=many, context={"request": self.request}).data
        return Response(body, status=status, headers=headers)


class KeysetPagination(pagination.CursorPagination):
    """Pages by key, newest first, so the hundred-thousandth page costs what the first does."""

    ordering: Any = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


class ListView(_Guarded, generics.ListAPIView):  # type: ignore[type-arg]
    """A list: `queryset` already narrowed to what the person may see."""

    pagination_class = KeysetPagination


@extend_schema_serializer(component_name="PasskeyAnswer")
class PasskeyAnswer(serializers.Serializer[Any]):
    """What an authenticator answered, and to which question."""

    challenge = serializers.UUIDField()
    response = serializers.DictField(help_text="the PublicKeyCredential in its JSON form")


@extend_schema_serializer(component_name="Signature")
class SignatureInput(serializers.Serializer[Any]):
    """How a person signs: user name or badge with password the first time in a session, then the PIN; or a passkey."""

    username = serializers.CharField(required=False, default="", allow_blank=True)
    badge = serializers.CharField(required=False, default="", allow_blank=True)
    password = serializers.CharField(required=False, default="", allow_blank=True, trim_whitespace=False)
    pin = serializers.CharField(required=False, default="", allow_blank=True)
    seen = serializers.CharField(required=False, default="", allow_blank=True, help_text="digest of what was shown")
    passkey = PasskeyAnswer(required=False)


@extend_schema_serializer(component_name="Error")
class ErrorOutput(serializers.Serializer[Any]):
    """Every refusal: a code for programs, a message for people, details for both."""

    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.JSONField()


def credential(request: Request, key: str = "signature") -> Credential:
    """The credential in the body under `key`; empty fields when there is none."""
    given = request.data.get(key) if isinstance(request.data, Mapping) else None
    form = SignatureInput(data=given if isinstance(given, Mapping) else {})
    form.is_valid(raise_exception=True)
    facts = dict(form.validated_data)
    passkey = Answer.read(facts.pop("passkey", None))
    return Credential(**facts, passkey=passkey, continuity=continuity_of(request._request))


def signer_given(
    request: Request,
    *,
    meaning: str,
    site: Site,
    acting: User,
    subject: RecordedModel | None = None,
    key: str = "signature",
    full: bool = False,
) -> Signer | None:
    """Who signs by the credential in the body under `key`, proven; None where there is none."""
    if not (isinstance(request.data, Mapping) and request.data.get(key)):
        return None
    return authenticate_signer(
        credential(request, key), meaning=meaning, site=site, acting=acting, full=full, subject=subject
    )


def wants_little(request: Request) -> bool:
    """Whoever prefers `return=minimal` (RFC 7240) does not read the answer of an act: it need not be put together."""
    return "return=minimal" in request.headers.get("Prefer", "")


def wants_page(request: Request) -> bool:
    """A tablet shows the page after the act: it comes with the answer, and nobody waits for a second one."""
    return request.headers.get("Prefer", "").endswith(", page")


def check_version(request: Request, obj: RecordedModel) -> None:
    """Refuse to overwrite what somebody else changed meanwhile: If-Match must name the version (R-069)."""
    expected = request.headers.get("If-Match", "").strip('"')
    if expected and expected != str(obj.version):
        raise StaleVersion("Somebody changed this meanwhile. Look at it again.", current=obj.version)


def by_id(queryset: Any, obj_id: UUID, what: str) -> Any:
    """The object among those the person may see, or NotFound."""
    found = queryset.filter(pk=obj_id).first()
    if found is None:
        raise NotFound(Phrase("There is no such {what} here.", what=what), id=str(obj_id))
    return found


def _know_device(request: Request) -> None:
    """The tablet's clocks, for what is recorded in this call. A wrong one is written down before the call has a key."""
    device = device_of(request.headers)
    if device is not None:
        current.request.set(replace(current.request.get(), device=device))
        note_skew(cast(User, request.user), device)


# --- one call, one effect ---


class _Replayed(dict[str, Any]):
    """An answer given before."""


class _AlreadyDone(Exception):
    def __init__(self, stored: IdempotencyKey) -> None:
        self.stored = stored


def _begin_once(request: Request, key: str) -> None:
    body = sha256(request._request.body).hexdigest()
    user_id = cast(User, request.user).id
    stored = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
    if stored is not None:
        raise _outcome(stored, request.path, body)
    facts = current.request.get()
    claim = current.IdempotencyClaim(key, user_id, request.path, body)
    current.request.set(replace(facts, idempotency=claim))


def _outcome(stored: IdempotencyKey, path: str, body_digest: str) -> Exception:
    """What a call with a known key comes to."""
    if (stored.path, stored.body_digest) != (path, body_digest):
        return Conflict("This Idempotency-Key was used for another call.", key=stored.key)
    return _AlreadyDone(stored)


def _outcome_of_a_race(error: Exception) -> Exception:
    """Two deliveries of one call at the same time: the later one waited for the earlier one and found its key."""
    claim = current.request.get().idempotency
    if claim is None or not isinstance(error, IntegrityError) or "idempotency_once" not in str(error):
        return error
    stored = IdempotencyKey.objects.get(user_id=claim.user_id, key=claim.key)
    return _outcome(stored, claim.path, claim.body_digest)


def _remember(claim: current.IdempotencyClaim, response: Response, shown_once: frozenset[str]) -> None:
    """Keep the answer of a call whose act was committed; a refused call left no key and may be tried again."""
    rendered = json.loads(json.dumps(response.data, default=str))
    if shown_once and isinstance(rendered, dict):
        rendered = {name: value for name, value in rendered.items() if name not in shown_once}
    IdempotencyKey.objects.filter(user_id=claim.user_id, key=claim.key).update(
        status=response.status_code, answer=rendered
    )


def _replay(stored: IdempotencyKey) -> Response:
    body = stored.answer if stored.answer is not None else {"done": True}
    return Response(
        _Replayed(body) if isinstance(body, dict) else body,
        status=stored.status or 200,
        headers={"Idempotent-Replayed": "true"},
    )


# --- one form of error ---


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {code, message, details}; refused rights and signatures are logged (R-020)."""
    error = _outcome_of_a_race(error)
    if isinstance(error, _AlreadyDone):
        return _replay(error.stored)
    refusal = as_refusal(error)
    if refusal is None:
        return None
    request: Request = context["request"]
    note_refusal(request._request, request.user, refusal)
    body = {"code": refusal.code, **_words_for(request, refusal)}
    headers = {"WWW-Authenticate": "Token"} if refusal.status == 401 else {}
    return Response(body, status=refusal.status, headers=headers)


def _words_for(request: Request, refusal: MesError) -> dict[str, Any]:
    reasons = [each | {"message": words_to(request, each["message"])} for each in refusal.details.get("reasons", [])]
    details = refusal.details | ({"reasons": reasons} if reasons else {})
    return {"message": words_to(request, refusal.message), "details": details}


def words_to(request: Request, text: str) -> str:
    """A program reads English; a page that calls with its session shows a person what it is answered."""
    if not isinstance(request.successful_authenticator, CookieAuthentication):
        return text
    with translation.override(language_of(request._request)):
        return shown(text)


class WordsField(serializers.CharField):
    """Words of ours in an answer."""

    def to_representation(self, value: str) -> str:
        return words_to(self.context["request"], value)


def as_refusal(error: Exception) -> MesError | None:
    """The refusal behind an exception; None for a fault of ours, which stays a 500."""
    if isinstance(error, MesError):
        return error
    if isinstance(error, (Http404, ObjectDoesNotExist)):
        return NotFound("There is no such thing here.")
    if isinstance(error, exceptions.ValidationError):
        return InvalidInput("Some of the input is not right.", fields=json.loads(json.dumps(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _from_rest_framework(error)
    return None


def _from_rest_framework(error: exceptions.APIException) -> MesError:
    refusal = MesError(str(error.detail))
    codes = error.get_codes()
    refusal.code = codes if isinstance(codes, str) else "invalid_input"  # type: ignore[misc]
    refusal.status = error.status_code  # type: ignore[misc]
    return refusal


def note_refusal(request: HttpRequest, user: Any, refusal: MesError) -> None:
    """A refused right is a security event with who, what and where; signatures are logged where they are checked."""
    if isinstance(refusal, NotPermitted) and not isinstance(refusal, SignatureRefused):
        person = user if isinstance(user, User) else None
        note_security(
            refusal.security_kind,
            user=person,
            action=f"{request.method} {request.path}",
            subject=str(refusal.details.get("permission", "")),
            detail=refusal.message,
        )
