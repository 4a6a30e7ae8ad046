"""The pages' conventions: who may see a page, and how a refusal is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation

from mes.accounts.models import User
from mes.accounts.passkeys.proof import Answer
from mes.accounts.sessions import continuity_of
from mes.api import as_refusal, note_refusal
from mes.errors import MesError, NotPermitted
from mes.languages import language_of
from mes.phrases import shown
from mes.records.signing import Credential

View = Callable[..., HttpResponseBase]


def page(permission: str = "") -> Callable[[View], View]:
    """A page for signed-in people who have the right at any site; a refusal raised inside becomes an error page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect(f"{resolve_url('pages:sign_in')}?{urlencode({'next': request.get_full_path()})}")
            if request.user.must_change_password and request.path != resolve_url("pages:profile"):
                return redirect("pages:profile")
            try:
                _check_right(request.user, permission)
                return view(request, *args, **kwargs)
            except Exception as error:
                refusal = as_refusal(error)
                if refusal is None:
                    raise
                return refused_page(request, refusal)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def refused_page(request: HttpRequest, refusal: MesError) -> HttpResponse:
    """The refusal as a page of its own: in the person's language, also where the page they wanted is not."""
    note_refusal(request, request.user, refusal)
    with translation.override(language_of(request)):
        return render(request, "mes/error.html", {"error": refusal}, status=refusal.status)


def refused(request: HttpRequest, refusal: MesError) -> int:
    """Put a refusal on the form it came from; the view renders the form again with this HTTP status."""
    note_refusal(request, request.user, refusal)
    messages.error(request, " ".join(shown(line) for line in refusal.lines()))
    return refusal.status


def form_credential(request: HttpRequest, prefix: str = "") -> Credential:
    """The credential of a form: username, badge, password, pin, seen, passkey; with a prefix for a second person."""
    names = ("username", "badge", "password", "pin", "seen")
    given = {name: request.POST.get(prefix + name, "") for name in names}
    passkey = Answer.read(request.POST.get(f"{prefix}passkey", ""))
    return Credential(**given, passkey=passkey, continuity=continuity_of(request))


def _check_right(user: User, permission: str) -> None:
    if permission and not user.may_anywhere(permission):
        raise NotPermitted("This page is for another role.", permission=permission)
