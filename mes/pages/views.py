"""Sign-in, home, one's own account, the records, and what is shown when something does not work."""

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from mes import server_clock
from mes.accounts import services, sessions
from mes.accounts.models import User
from mes.accounts.queries import reasons_may_not_sign
from mes.errors import InvalidInput, MesError, NotFound, NotPermitted
from mes.languages import translated
from mes.pages.forms import BadgeSignIn, PasskeySignIn, PasswordChange, PasswordSignIn, PinChange, RecordsFilter
from mes.pages.panels import home_of
from mes.pages.records import as_csv, as_json, slice_of
from mes.phrases import Phrase, shown
from mes.records import queries
from mes.records.services import note_security
from mes.web import page, refused


@translated
@never_cache
@sensitive_post_parameters("password", "pin", "passkey")
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password, badge and PIN, or a passkey. The locked tablet asks for JSON and stays on its page."""
    by_badge = "badge" in request.POST
    form = _way_in(request)(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            user = sessions.sign_in(request, **form.cleaned_data, unsent=request.POST.get("unsent", ""))
        except MesError as error:
            refusal = error
        else:
            return _signed_in(request, user)
    unanswered = HTTPStatus.BAD_REQUEST if request.method == "POST" else HTTPStatus.OK
    status = refusal.status if refusal else unanswered
    if _wants_json(request):
        message = shown(refusal.message if refusal else Phrase("Scan your badge and give your PIN."))
        return JsonResponse({"code": "not_signed_in", "message": message, "details": {}}, status=status)
    forms = {"badge_form": form} if by_badge else {"form": form} if "username" in request.POST else {}
    context = {
        "badge_form": BadgeSignIn(),
        "form": PasswordSignIn(),
        **forms,
        "bound": form,
        "refusal": refusal,
        "next": request.GET.get("next", ""),
    }
    return render(request, "mes/sign_in.html", context, status=status)


def _way_in(request: HttpRequest) -> type[BadgeSignIn | PasskeySignIn | PasswordSignIn]:
    if "badge" in request.POST:
        return BadgeSignIn
    return PasskeySignIn if "passkey" in request.POST else PasswordSignIn


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.sign_out(request)
    return redirect("pages:sign_in")


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """What a tablet asks for that nobody touched for the time of its site."""
    sessions.lock(request)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@translated
@require_safe
@page()
def home(request: HttpRequest) -> HttpResponse:
    """My next action."""
    user = _person(request)
    roles = [
        shown(grant.get_role_display()) for grant in user.grants.in_force(server_clock.now()).select_related("site")
    ]
    return render(request, "mes/home.html", {"home": home_of(user), "roles": roles, "sites": user.sites()})


@translated
@never_cache
@sensitive_post_parameters()
@page()
def profile(request: HttpRequest) -> HttpResponse:
    """One's own roles, training, password and PIN."""
    user = _person(request)
    password_form, pin_form, status = PasswordChange(prefix="password"), PinChange(prefix="pin"), HTTPStatus.OK
    if request.method == "POST":
        changing_pin = "pin-pin" in request.POST
        form = (
            PinChange(request.POST, prefix="pin") if changing_pin else PasswordChange(request.POST, prefix="password")
        )
        if form.is_valid():
            try:
                (services.set_pin if changing_pin else services.set_password)(user=user, **form.cleaned_data)
            except MesError as error:
                status = HTTPStatus(refused(request, error))
            else:
                done = gettext("Your PIN is changed.") if changing_pin else gettext("Your password is changed.")
                return _credential_changed(request, user, done)
        else:
            status = HTTPStatus.BAD_REQUEST
            password_form, pin_form = (password_form, form) if changing_pin else (form, pin_form)  # type: ignore[assignment]
    context = {
        "grants": user.grants.in_force(server_clock.now()).select_related("site").order_by("site__code", "role"),
        "trainings": user.qualifications.order_by("subject", "-subject_version"),
        "may_not_sign": reasons_may_not_sign(user),
        "passkeys": user.passkeys.in_use(),
        "password_form": password_form,
        "pin_form": pin_form,
    }
    return render(request, "mes/profile.html", context, status=status)


@require_POST
@page()
def language(request: HttpRequest) -> HttpResponse:
    """The language of one's own pages; back to the page it was chosen on."""
    user = _person(request)
    services.choose_language(actor=user, user=user, language=request.POST.get("language", ""))
    return HttpResponseRedirect(_within(request, request.POST.get("next", "")))


@require_safe
@page("records.view")
def records(request: HttpRequest) -> HttpResponse:
    """The audit trail of the person's sites, newest first."""
    form = RecordsFilter(request.GET)
    sites = _person(request).sites_for("records.view")
    shown = None
    if form.is_valid():
        found = queries.events(sites, **form.narrowing())
        shown = slice_of(found, **_place(request))
    narrowing = urlencode({name: request.GET[name] for name in form.fields if request.GET.get(name)})
    context = {"form": form, "shown": shown, "narrowing": narrowing}
    return render(request, "mes/records.html", context, status=200 if form.is_valid() else 400)


@require_safe
@page("records.view")
def export_records(request: HttpRequest, form: str) -> StreamingHttpResponse:
    """The same events as a file; taking them out of the system is itself noted."""
    chosen = RecordsFilter(request.GET)
    if not chosen.is_valid():
        raise InvalidInput("The filter is not valid.", fields=chosen.errors)
    user = _person(request)
    found = queries.events(user.sites_for("records.view"), **chosen.narrowing())
    note_security("records_exported", user=user, action=f"records.{form}", detail=request.GET.urlencode())
    lines, kind = (as_csv(found), "text/csv") if form == "csv" else (as_json(found), "application/json")
    headers = {"Content-Disposition": f'attachment; filename="baton-records.{form}"'}
    return StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8", headers=headers)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, InvalidInput("The address or the form is not complete. Go back and try again."))


def not_permitted(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, NotPermitted("This page is for another role."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, NotFound("There is no such page. It may have moved, or the address is not complete."))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is older than the session (Django's CSRF check)."""
    return _error(request, NotPermitted("This form is from an earlier session. Nothing was recorded; open it again."))


def failed(request: HttpRequest) -> HttpResponse:
    """Runs when nothing can be relied on: no session, no database."""
    return render(None, "mes/failed.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _error(request: HttpRequest, error: MesError) -> HttpResponse:
    return render(request, "mes/error.html", {"error": error}, status=error.status)


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"username": user.username, "printed_name": user.printed_name})
    if user.must_change_password:
        messages.warning(request, gettext("Choose your own password before you start."))
        return redirect("pages:profile")
    return HttpResponseRedirect(_within(request, request.GET.get("next", "")))


def _within(request: HttpRequest, wanted: str) -> str:
    """The address that was wanted, if it is one of this house; home otherwise."""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url("pages:home")


def _credential_changed(request: HttpRequest, user: User, done: str) -> HttpResponse:
    update_session_auth_hash(request, user)
    messages.success(request, done)
    return redirect("pages:profile")


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _place(request: HttpRequest) -> dict[str, Any]:
    return {side: request.GET[side] for side in ("before", "after") if request.GET.get(side)}
