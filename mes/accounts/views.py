"""The administrator's pages: who has an account, what each person may do, and every change of it."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from mes import server_clock
from mes.accounts import services
from mes.accounts.forms import (
    AccountForm,
    BadgeForm,
    BadgeTestForm,
    IdentityForm,
    LanguageForm,
    ReasonForm,
    ResetForm,
    RoleForm,
)
from mes.accounts.models import RoleGrant, User
from mes.accounts.queries import badge_is_overdue, locked_among, people_of, reasons_may_not_sign
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.web import page, refused

PAGE = 50
SHOWN_TESTS = 5
RIGHT = "accounts.manage"
Forms = dict[str, forms.Form]


@require_safe
@page(RIGHT)
def accounts(request: HttpRequest) -> HttpResponse:
    """Everybody of the administrator's sites, the newest account first."""
    wanted = request.GET.dict()
    found = _narrowed(_people(request), wanted.get("q", "")).order_by("-id")
    if before := wanted.pop("before", ""):
        found = found.filter(id__lt=_place(before))
    shown = list(found.prefetch_related(_roles_in_force(request))[: PAGE + 1])
    older = urlencode(wanted | {"before": str(shown[PAGE - 1].id)}) if len(shown) > PAGE else ""
    people = shown[:PAGE]
    context = {
        "people": people,
        "locked": locked_among([person.id for person in people]),
        "wanted": wanted,
        "older": older and f"?{older}",
    }
    return render(request, "mes/accounts.html", context)


@never_cache
@sensitive_post_parameters("password")
@page(RIGHT)
def new(request: HttpRequest) -> HttpResponse:
    form, status = AccountForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                person = services.create_user(actor=me_of(request), **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                messages.success(request, f"{person} has an account. Give a role now.")
                return redirect("accounts:account", person.id)
    return render(request, "mes/account_new.html", {"form": form}, status=status)


@require_safe
@page(RIGHT)
def account(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _show(request, person_at(request, user_id))


@require_POST
@page(RIGHT)
def grant(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)
    form = RoleForm(request.POST, administrator=me_of(request))

    def give(**facts: Any) -> None:
        services.grant_role(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "role_form", form, give, "The role is given.")


@require_POST
@page(RIGHT)
def withdraw(request: HttpRequest, user_id: UUID, grant_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)
    mine = RoleGrant.objects.filter(user=person, site__in=me_of(request).sites_for(RIGHT)).select_related(
        "site", "user"
    )
    found = by_id(mine, grant_id, "role")

    def end(**facts: Any) -> None:
        services.withdraw_role(actor=me_of(request), grant=found, **facts)

    return carried_out(request, person, "withdraw_form", ReasonForm(request.POST), end, "The role is withdrawn.")


@never_cache
@sensitive_post_parameters("password")
@require_POST
@page(RIGHT)
def reset(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        services.reset_credentials(actor=me_of(request), user=person, **facts)

    done = "Password and PIN are reset. Hand over the temporary password in person."
    return carried_out(request, person, "reset_form", ResetForm(request.POST), do, done)


@require_POST
@page(RIGHT)
def unlock(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        services.unlock(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "unlock_form", ReasonForm(request.POST), do, "The account is open again.")


@require_POST
@page(RIGHT)
def language(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        services.choose_language(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "language_form", LanguageForm(request.POST), do, "The language is chosen.")


@require_POST
@page(RIGHT)
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        services.deactivate_user(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "close_form", ReasonForm(request.POST), do, "The account is closed.")


def carried_out(
    request: HttpRequest, person: User, name: str, form: forms.Form, act: Callable[..., None], done: str
) -> HttpResponse:
    """One act on an account: done and shown anew, or the page again with what was wrong."""
    if not form.is_valid():
        return _show(request, person, {name: form}, status=400)
    try:
        act(**form.cleaned_data)
    except MesError as refusal:
        return _show(request, person, {name: form}, status=refused(request, refusal))
    messages.success(request, done)
    return redirect("accounts:account", person.id)


def _show(request: HttpRequest, person: User, bound: Forms | None = None, *, status: int = 200) -> HttpResponse:
    me = me_of(request)
    grants = person.grants.filter(site__in=me.sites_for(RIGHT)).select_related("site", "granted_by")
    in_force = set(grants.in_force(server_clock.now()).values_list("id", flat=True))
    listed = list(grants.order_by("site__code", "role", "-valid_from"))
    shown: Forms = {
        "role_form": RoleForm(administrator=me),
        "language_form": LanguageForm(initial={"language": person.language}),
        "unlock_form": ReasonForm(),
        "reset_form": ResetForm(),
        "close_form": ReasonForm(),
        "identity_form": IdentityForm(),
        "badge_form": BadgeForm(),
        "badge_test_form": BadgeTestForm(),
        "badge_revoke_form": ReasonForm(),
        "passkey_form": ReasonForm(),
        **(bound or {}),
    }
    for name, form in shown.items():
        form.auto_id = f"{name}-%s"  # several forms on one page ask for a reason
    context = {
        "person": person,
        "is_me": person.id == me.id,
        "is_locked": bool(locked_among([person.id])),
        "grants": [each for each in listed if each.id in in_force],
        "ended": [each for each in listed if each.id not in in_force],
        "identity_checks": person.identity_checks.select_related("checked_by").order_by("-at"),
        "badge_tests": person.badge_tests.select_related("tested_by").order_by("-at")[:SHOWN_TESTS],
        "passkeys": person.passkeys.in_use(),
        "badge_overdue": bool(person.badge) and badge_is_overdue(person),
        "may_not_sign": reasons_may_not_sign(person),
        **shown,
    }
    return render(request, "mes/account.html", context, status=status)


def me_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def _people(request: HttpRequest) -> QuerySet[User]:
    return people_of(me_of(request).sites_for(RIGHT)).filter(kind=User.Kind.PERSON)


def person_at(request: HttpRequest, user_id: UUID) -> User:
    return cast(User, by_id(_people(request), user_id, "account"))


def _narrowed(people: QuerySet[User], words: str) -> QuerySet[User]:
    name = words.strip()
    return people.filter(Q(username__icontains=name) | Q(printed_name__icontains=name)) if name else people


def _roles_in_force(request: HttpRequest) -> Prefetch[Any]:
    here = RoleGrant.objects.in_force(server_clock.now()).filter(site__in=me_of(request).sites_for(RIGHT))
    return Prefetch("grants", here.select_related("site").order_by("site__code", "role"), to_attr="roles")


def _place(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("The address names no place in the list.", field="before") from error
