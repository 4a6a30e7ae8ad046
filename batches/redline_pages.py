"""Pages of additions to a batch: the proposal, and the life of one."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from batches import forms, queries, services
from batches.banner import banner_of
from batches.models import Batch, Redline
from batches.policy import limits_text
from batches.queries.redlines import acts_on_redline, places_for_redline, reasons_passed, redlines_visible_to
from mes.accounts.models import User
from mes.errors import MesError
from mes.records.queries import manifest_digest, signature_lines
from mes.records.signing import authenticate_signer
from mes.web import form_credential, page, refused


@page("batches.redline")
def propose(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """A step more; `after` in the address chooses the step it is to follow."""
    batch: Batch = get_object_or_404(queries.visible_to(_user(request)), id=batch_id)
    given = request.POST or None
    places = places_for_redline(batch)
    form = forms.RedlineForm(places, given, initial={"after": request.GET.get("after")})
    entries, sample = forms.AddedEntries(given, prefix="entry"), forms.AddedSampleForm(given, prefix="sample")
    status = 400 if request.method == "POST" else 200
    are_valid = [each.is_valid() for each in (form, entries, sample)]
    if request.method == "POST" and all(are_valid) and form.needs(entries, sample):
        try:
            made = services.propose_redline(actor=_user(request), **_proposal(form, entries, sample))
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:redline", redline_id=made.id)
    shown = {"batch": batch, "identity": banner_of(batch), "is_past": not places}
    context = shown | {"form": form, "entries": entries, "sample": sample}
    return render(request, "batches/propose_redline.html", context, status=status)


@page("batches.view")
def redline(request: HttpRequest, redline_id: UUID) -> HttpResponse:
    """One page for the life of an addition; which forms it carries is the state's matter."""
    found = get_object_or_404(redlines_visible_to(_user(request)), id=redline_id)
    status = 200
    if request.method == "POST":
        try:
            _decide(request, found)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:redline", redline_id=found.id)
    return render(request, "batches/redline.html", _redline_page(request, found), status=status)


def _proposal(form: forms.RedlineForm, entries: Any, sample: forms.AddedSampleForm) -> dict[str, Any]:
    data = dict(form.cleaned_data)
    after, reason, waits = data.pop("after"), data.pop("reason"), data.pop("waits")
    values = [each.entry(number) for number, each in enumerate(entries.forms, start=1)]
    addition = data | {"entries": [each for each in values if each]}
    if data["kind"] == "sample":
        addition["sample"] = sample.sample()
    return {"after": after, "addition": addition, "reason": reason, "waits": waits}


def _decide(request: HttpRequest, found: Redline) -> None:
    actor, act, reason = _user(request), request.POST.get("act", ""), request.POST.get("reason", "")
    if act == "approve":
        signer = authenticate_signer(
            form_credential(request), meaning="approved", site=found.site, acting=actor, subject=found
        )
        services.approve_redline(actor=actor, redline=found, signer=signer)
    elif act == "refuse":
        services.refuse_redline(actor=actor, redline=found, reason=reason)
    else:
        services.withdraw_redline(actor=actor, redline=found, reason=reason)


def _redline_page(request: HttpRequest, found: Redline) -> dict[str, Any]:
    found = redlines_visible_to(_user(request)).get(pk=found.pk)
    return {
        "redline": found,
        "identity": banner_of(found.batch),
        "entries": [(each, limits_text(each)) for each in found.says.entries],
        "acts": acts_on_redline(_user(request), found),
        "reasons": reasons_passed(found.after) if found.status == "proposed" else [],
        "signatures": signature_lines(found),
        "digest": manifest_digest(found),
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
