"""Pages of a batch: list, overview, record. GET shows, POST calls one service."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from batches import forms, queries, services
from batches.banner import banner_of
from batches.command_cards import CARDS
from batches.models import Batch, MaterialDisposition
from batches.queries.calls import calls_waiting
from batches.queries.documents import content_of
from batches.queries.early_end import early_end_of
from batches.queries.exception_words import words_of
from batches.queries.lanes import lanes_of
from batches.queries.redlines import UNDER_WAY, redlines_of
from batches.queries.scan_health import scan_health
from batches.queries.wall import places
from batches.states import ISA88, Command, State
from mes.accounts.models import User
from mes.errors import MesError
from mes.languages import translated
from mes.phrases import Phrase, shown
from mes.records.queries import manifest_digest
from mes.records.signing import Signer, authenticate_signer
from mes.web import form_credential, page, refused

PAGE = 50


@require_safe
@page("batches.view")
def batches(request: HttpRequest) -> HttpResponse:
    """Newest planned first; `before` is the id of the last batch of the page before."""
    found = queries.visible_to(_user(request)).order_by("-id")
    status = request.GET.get("status", "")
    if status in State.values:
        found = found.filter(status=status)
    if before := request.GET.get("before"):
        found = found.filter(id__lt=UUID(before))
    rows = list(found[: PAGE + 1])
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    context = {"batches": rows[:PAGE], "status": status, "states": State.choices, "older": older}
    may_command = _user(request).may_anywhere("batches.command")
    return render(request, "batches/list.html", context | {"may_command": may_command})


@translated
@require_safe
@page("batches.view")
def wall(request: HttpRequest) -> HttpResponse:
    """For the screen on the wall: it only shows, and asks again by itself."""
    user = _user(request)
    context = {"places": places(user), "calls": calls_waiting(user)}
    return render(request, "batches/wall.html", context)


@require_safe
@page("batches.command")
def health_of_scanning(request: HttpRequest) -> HttpResponse:
    """Where scanning fails, for those who can see to scanners, printers and labels."""
    return render(request, "batches/scan_health.html", {"health": scan_health(_user(request))})


@require_safe
@page("batches.view")
def command_cards(request: HttpRequest) -> HttpResponse:
    """To be printed, laminated and laid at the bench."""
    return render(request, "batches/command_cards.html", {"cards": CARDS})


@translated
@require_safe
@page("batches.view")
def overview(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    return render(request, "batches/overview.html", _overview(request, batch))


@translated
@require_POST
@page("batches.issue")
def issue(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    try:
        signer = _issuer(request, batch)
        services.issue_batch(actor=_user(request), batch=batch, signer=signer)
    except MesError as refusal:
        status = refused(request, refusal)
        return render(request, "batches/overview.html", _overview(request, batch), status=status)
    messages.success(request, shown(Phrase("Batch record {batch} issued.", batch=batch.number)))
    return redirect("batches:overview", batch_id=batch.id)


@translated
@require_POST
@page("batches.execute")
def command(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    form = forms.CommandForm(request.POST)
    if not form.is_valid():
        return render(request, "batches/overview.html", _overview(request, batch), status=400)
    try:
        services.command_batch(
            actor=_user(request),
            batch=batch,
            name=form.cleaned_data["command"],
            reason=form.cleaned_data["reason"],
            disposition=form.cleaned_data["disposition"],
            signer=_commander(request, batch),
        )
    except MesError as refusal:
        status = refused(request, refusal)
        return render(request, "batches/overview.html", _overview(request, batch), status=status)
    return redirect("batches:overview", batch_id=batch.id)


@translated
@require_POST
@page("batches.dispose")
def decide_on_material(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    form = forms.MaterialForm(request.POST)
    if not form.is_valid():
        return render(request, "batches/overview.html", _overview(request, batch) | {"form": form}, status=400)
    try:
        signer = authenticate_signer(
            form_credential(request), meaning="decided", site=batch.site, acting=_user(request)
        )
        services.decide_on_material(actor=_user(request), batch=batch, signer=signer, **form.cleaned_data)
    except MesError as refusal:
        status = refused(request, refusal)
        return render(request, "batches/overview.html", _overview(request, batch), status=status)
    messages.success(request, gettext("The decision is signed, and the clinic is told."))
    return redirect("batches:overview", batch_id=batch.id)


@require_safe
@page("batches.view")
def record(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    context = {
        "batch": batch,
        "record": queries.record_of(batch),
        "identity": banner_of(batch),
        "may_withdraw": _user(request).may("records.view", batch.site),
    }
    return render(request, "batches/record.html", context)


@translated
@require_POST
@page("batches.view")
def request_document(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = _batch(request, batch_id)
    services.request_record(actor=_user(request), batch=batch)
    messages.success(request, gettext("The batch record is being made. It appears here in a moment."))
    return redirect("batches:overview", batch_id=batch.id)


@require_safe
@page("batches.view")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.documents_visible_to(_user(request)), id=document_id)
    name = f"{found.batch.number}-record.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content_of(found), content_type="application/pdf", headers=headers)


def _overview(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    user = _user(request)
    batch = queries.visible_to(user).get(pk=batch.pk)
    exceptions = list(queries.exceptions_of(batch))
    words = words_of(exceptions)
    return {
        "batch": batch,
        "identity": banner_of(batch),
        "timeline": queries.timeline(batch),
        "lanes": lanes_of(batch),
        "next_actions": queries.next_actions(user, batch_id=batch.id),
        "exceptions": [(each, words[each.pk]) for each in exceptions],
        "open_count": sum(each.status == "open" for each in exceptions),
        "deviations": queries.deviations_of(batch),
        "steps": batch.steps.select_related("redline__proposed_by", "redline__decided_by").order_by("position"),
        "redlines": redlines_of(batch),
        "may_add": user.may("batches.redline", batch.site) and batch.status in UNDER_WAY,
        "documents": batch.documents.select_related("requested_by"),
        "commands": _commands(batch, user),
        "early_end": early_end_of(batch),
        "decisions": MaterialDisposition.Decision.choices,
        "may_dispose": batch.status in (State.STOPPED, State.ABORTED) and user.may("batches.dispose", batch.site),
        "reasons": queries.reasons_not_startable(batch) if batch.status == State.IDLE else [],
        "may_review": user.may("qc.review", batch.site),
        "may_deviate": bool(batch.issued_at) and user.may("batches.deviation", batch.site),
        "may_issue": not (batch.issued_at or batch.cancelled_at) and user.may("batches.issue", batch.site),
        "digest": manifest_digest(batch),
    }


def _commands(batch: Batch, user: User) -> list[dict[str, Any]]:
    """The commands this person could send now, from the table."""
    if not batch.issued_at:
        return []
    cells = [cell for cell in ISA88.available(batch, user) if cell.name in Command.values]
    return [
        {
            "name": cell.name,
            "label": Command(cell.name).label,
            "needs_reason": cell.needs_reason,
            "is_signed": bool(cell.signed_as),
        }
        for cell in cells
    ]


def _batch(request: HttpRequest, batch_id: UUID) -> Batch:
    return get_object_or_404(queries.visible_to(_user(request)), id=batch_id)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _issuer(request: HttpRequest, batch: Batch) -> Signer:
    given = form_credential(request)
    return authenticate_signer(given, meaning="issued", site=batch.site, acting=_user(request), subject=batch)


def _commander(request: HttpRequest, batch: Batch) -> Signer | None:
    given = form_credential(request)
    if not (given.password or given.pin or given.passkey):
        return None
    return authenticate_signer(given, meaning="commanded", site=batch.site, acting=_user(request))
