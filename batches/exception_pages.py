"""Pages of what went otherwise: an exception, a deviation, the opening of a deviation."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from batches import forms, queries, services
from batches.banner import banner_of
from batches.models import Batch, BatchException, Deviation
from batches.queries.rank import acts_on, may_decide
from mes.accounts.models import User
from mes.errors import MesError
from mes.records.queries import manifest_digest, signature_lines
from mes.records.signing import Signer, authenticate_signer
from mes.web import form_credential, page, refused


@page("batches.view")
def exception(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.exceptions_visible_to(_user(request)), id=exception_id)
    form = forms.DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_exception(
                actor=_user(request),
                exception=found,
                decision=form.cleaned_data["decision"],
                signer=_signer(request, found, "reviewed"),
            )
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:overview", batch_id=found.batch_id)
    context = _exception_page(request, found) | {"form": form}
    return render(request, "batches/exception.html", context, status=status)


@page("batches.deviation")
def open_deviation(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A deviation of what no rule found, or of exceptions that were found; `exception` in the address chooses one."""
    batch: Batch = get_object_or_404(queries.visible_to(_user(request)), id=batch_id)
    form = forms.DeviationForm(batch, request.POST or None, initial={"exceptions": [request.GET.get("exception")]})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.open_deviation(actor=_user(request), batch=batch, **form.cleaned_data)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:deviation", deviation_id=opened.id)
    context = {"batch": batch, "identity": banner_of(batch), "form": form}
    return render(request, "batches/open_deviation.html", context, status=status)


@page("batches.view")
def deviation(request: HttpRequest, deviation_id: UUID) -> HttpResponse:
    """One page for the life of a deviation; which form it carries is the state's matter."""
    found = get_object_or_404(queries.deviations_visible_to(_user(request)), id=deviation_id)
    status = 200
    if request.method == "POST":
        try:
            _move_deviation(request, found)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:deviation", deviation_id=found.id)
    return render(request, "batches/deviation.html", _deviation_page(request, found), status=status)


def _move_deviation(request: HttpRequest, found: Deviation) -> None:
    actor = _user(request)
    act = request.POST.get("act", "")
    if act == "approve":
        signer = _signer(request, found, "approved")
        services.approve_deviation(actor=actor, deviation=found, signer=signer)
    elif act == "close":
        follow_up = request.POST.get("follow_up", "")
        services.close_deviation(actor=actor, deviation=found, follow_up=follow_up)
    else:
        words = {name: request.POST.get(name, "") for name in forms.InvestigationForm.base_fields}
        services.investigate(actor=actor, deviation=found, **words)


def _exception_page(request: HttpRequest, found: BatchException) -> dict[str, Any]:
    user = _user(request)
    return {
        "exception": found,
        "photos": queries.photos_of_step(found.step_id),
        "identity": banner_of(found.batch),
        "may_decide": may_decide(user, found),
        "may_explain": not found.deviation_id and user.may("batches.deviation", found.site),
        "digest": manifest_digest(found),
    }


def _deviation_page(request: HttpRequest, found: Deviation) -> dict[str, Any]:
    found = queries.deviations_visible_to(_user(request)).get(pk=found.pk)
    words = {name: getattr(found, name) for name in forms.InvestigationForm.base_fields}
    return {
        "deviation": found,
        "identity": banner_of(found.batch),
        "exceptions": found.exceptions.all(),
        "photos": found.photos.all(),
        "acts": acts_on(_user(request), found),
        "investigation": forms.InvestigationForm(request.POST or None, initial=words),
        "follow_up": forms.FollowUpForm(),
        "signatures": signature_lines(found),
        "digest": manifest_digest(found),
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _signer(request: HttpRequest, subject: BatchException | Deviation, meaning: str) -> Signer:
    return authenticate_signer(
        form_credential(request),
        meaning=meaning,
        site=subject.site,
        acting=_user(request),
        subject=subject,
    )
