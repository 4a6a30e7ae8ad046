"""Pages about what comes before a signature: identity, badge, signature policy; and the log of who came in."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from mes.accounts import badges, enrolment
from mes.accounts.forms import (
    AcceptanceForm,
    AccessLogFilter,
    BadgeForm,
    BadgeTestForm,
    FullCredentialForm,
    IdentityForm,
    OnlyTerminalsForm,
    PolicyForm,
    ReasonForm,
)
from mes.accounts.models import SignaturePolicy, Site
from mes.accounts.passkeys import keys
from mes.accounts.queries import overdue_badges, people_of, policy_in_force
from mes.accounts.views import PAGE, RIGHT, carried_out, me_of, person_at
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.languages import translated
from mes.records import queries
from mes.web import page, refused


@require_POST
@page(RIGHT)
def identity(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        enrolment.record_identity_check(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "identity_form", IdentityForm(request.POST), do, "The check is recorded.")


@require_POST
@page(RIGHT)
def badge(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        badges.issue_badge(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "badge_form", BadgeForm(request.POST), do, "The badge is issued and tested.")


@require_POST
@page(RIGHT)
def badge_test(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        badges.record_badge_test(actor=me_of(request), user=person, **facts)

    return carried_out(request, person, "badge_test_form", BadgeTestForm(request.POST), do, "The result is kept.")


@require_POST
@page(RIGHT)
def badge_revoke(request: HttpRequest, user_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)

    def do(**facts: Any) -> None:
        badges.revoke_badge(actor=me_of(request), user=person, **facts)

    done = "The badge is revoked, and every session of this person is over."
    return carried_out(request, person, "badge_revoke_form", ReasonForm(request.POST), do, done)


@require_POST
@page(RIGHT)
def passkey_revoke(request: HttpRequest, user_id: UUID, passkey_id: UUID) -> HttpResponse:
    person = person_at(request, user_id)
    passkey = by_id(person.passkeys.select_related("user"), passkey_id, "passkey")

    def do(**facts: Any) -> None:
        keys.revoke_passkey(actor=me_of(request), passkey=passkey, **facts)

    done = "The passkey is revoked, and every session of this person is over."
    return carried_out(request, person, "passkey_form", ReasonForm(request.POST), do, done)


@require_safe
@page(RIGHT)
def badges_due(request: HttpRequest) -> HttpResponse:
    """Badges that have to be tested."""
    people = overdue_badges(me_of(request).sites_for(RIGHT))
    return render(request, "mes/badges.html", {"people": people})


@require_safe
@page(RIGHT)
def access_log(request: HttpRequest) -> HttpResponse:
    """Who came in, who tried, and from where: the newest first."""
    form = AccessLogFilter(request.GET)
    shown, older = [], ""
    if form.is_valid():
        asked = form.cleaned_data
        found = queries.access_log(
            me_of(request).sites_for(RIGHT),
            username=asked["username"],
            kind=asked["kind"],
            since=_midnight(asked["since"]),
            until=_before(request) or _midnight(asked["until"], days=1),
        )
        shown = list(found[: PAGE + 1])
        if len(shown) > PAGE:
            wanted = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
            older = f"?{urlencode(wanted | {'before': shown[PAGE - 1].at.isoformat()})}"
    context = {"form": form, "shown": shown[:PAGE], "older": older}
    return render(request, "mes/access_log.html", context, status=200 if form.is_valid() else 400)


@page(RIGHT)
def signature_policy(request: HttpRequest) -> HttpResponse:
    """The policy in force, who has not accepted it, and the next version."""
    form, status = PolicyForm(request.POST or None, initial={"text": enrolment.DRAFT_POLICY}), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                policy = enrolment.issue_signature_policy(actor=me_of(request), **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                messages.success(request, f"Version {policy.number} is in force. Everybody is asked to accept it.")
                return redirect("accounts:signature_policy")
    policies = list(SignaturePolicy.objects.select_related("issued_by"))
    people = people_of(me_of(request).sites_for(RIGHT)).filter(is_active=True, kind="person", is_shared=False)
    waiting = people.exclude(acceptances__policy=policies[0]) if policies else people
    sites = Site.objects.filter(id__in=me_of(request).sites_for(RIGHT)).order_by("code")
    context = {
        "form": form,
        "policies": policies,
        "waiting": waiting.order_by("printed_name")[:PAGE],
        "rules": [(site, _full_credential_form(site), _only_terminals_form(site)) for site in sites],
    }
    return render(request, "mes/signature_policy.html", context, status=status)


@require_POST
@page(RIGHT)
def full_credential(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """For which meanings a PIN is not enough at a site."""
    site = by_id(Site.objects.filter(id__in=me_of(request).sites_for(RIGHT)), site_id, "site")
    form = FullCredentialForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose among the meanings that signatures have.", fields=form.errors)
    enrolment.set_full_credential(actor=me_of(request), site=site, **form.cleaned_data)
    messages.success(request, f"The rule of {site.name} is set.")
    return redirect("accounts:signature_policy")


@require_POST
@page(RIGHT)
def only_terminals(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Whether the steps of a site are worked on at registered terminals only."""
    site = by_id(Site.objects.filter(id__in=me_of(request).sites_for(RIGHT)), site_id, "site")
    form = OnlyTerminalsForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose where steps are worked on.", fields=form.errors)
    enrolment.set_only_registered_terminals(actor=me_of(request), site=site, **form.cleaned_data)
    messages.success(request, f"The rule of {site.name} is set.")
    return redirect("accounts:signature_policy")


@translated
@never_cache
@sensitive_post_parameters("password")
@page()
def accept_policy(request: HttpRequest) -> HttpResponse:
    """Read the policy in force and accept it with one's own password."""
    me, policy = me_of(request), policy_in_force()
    form, status = AcceptanceForm(request.POST or None, initial={"number": policy.number if policy else 0}), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                enrolment.accept_signature_policy(user=me, **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                messages.success(request, gettext("You have accepted the signature policy."))
                return redirect("pages:profile")
    accepted = me.acceptances.filter(policy=policy).first() if policy else None
    context = {"form": form, "policy": policy, "accepted": accepted}
    return render(request, "mes/accept_policy.html", context, status=status)


def _only_terminals_form(site: Site) -> OnlyTerminalsForm:
    chosen = "registered" if site.only_registered_terminals else "any"
    return OnlyTerminalsForm(initial={"only": chosen}, auto_id=f"{site.code}-%s")


def _full_credential_form(site: Site) -> FullCredentialForm:
    return FullCredentialForm(initial={"meanings": site.full_credential_for}, auto_id=f"{site.code}-%s")


def _before(request: HttpRequest) -> datetime | None:
    """The place in the log where an older page begins."""
    text = request.GET.get("before", "")
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput("The address names no place in the log.", field="before") from error


def _midnight(day: Any, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time.min, UTC) if day else None
