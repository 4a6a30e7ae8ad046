"""Pages of paper forms: those of a batch, those that are out, the print and the picture that came back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from batches import queries, services
from batches.banner import banner_of
from batches.documents import paper_form_pdf
from batches.forms import PaperForms
from batches.models import Batch, PaperForm
from batches.states import FormState
from mes.accounts.models import User
from mes.errors import InvalidInput, MesError
from mes.web import page, refused


@page("batches.view")
def forms_of_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """What was given out for this batch; a supervisor gives out more and takes them back."""
    batch: Batch = get_object_or_404(queries.visible_to(_user(request)), id=batch_id)
    form = PaperForms(batch, request.POST if request.POST.get("act") == "issue" else None)
    status = 200
    if request.method == "POST":
        try:
            _act(request, batch, form)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("batches:paper_forms", batch_id=batch.id)
    context = {
        "batch": batch,
        "identity": banner_of(batch),
        "form": form,
        "forms": queries.forms_visible_to(_user(request)).filter(batch=batch),
        "may_issue": bool(batch.issued_at) and _user(request).may("batches.command", batch.site),
    }
    return render(request, "batches/paper_forms.html", context, status=status)


@require_safe
@page("batches.view")
def forms_out(request: HttpRequest) -> HttpResponse:
    """The report of open forms (R-105)."""
    return render(request, "batches/paper_forms_out.html", {"forms": queries.forms_out(_user(request))})


@require_safe
@page("batches.view")
def printed(request: HttpRequest, form_id: UUID) -> HttpResponse:
    form = _found(request, form_id)
    return _file(paper_form_pdf(form), "application/pdf", f"{form.number}.pdf")


@require_safe
@page("batches.view")
def scan(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The filled-in form, as it came back."""
    found = get_object_or_404(queries.forms_visible_to(_user(request)).filter(status=FormState.RETURNED), id=form_id)
    return _file(bytes(found.scan.content), found.scan.media_type, found.number)


def _act(request: HttpRequest, batch: Batch, form: PaperForms) -> None:
    user, act = _user(request), request.POST.get("act", "")
    if act == "issue":
        if not form.is_valid():
            raise InvalidInput("Choose the steps, and write why work goes on on paper.", field="steps")
        made = services.issue_form(actor=user, batch=batch, **form.cleaned_data)
        messages.success(request, f"{made.number} is given out. Print it now.")
        return
    known: PaperForm = get_object_or_404(queries.forms_visible_to(user), batch=batch, id=request.POST.get("form"))
    if act == "lost":
        services.declare_form_lost(actor=user, form=known, reason=request.POST.get("reason", ""))
        return
    given = request.FILES.get("scan")
    if given is None:
        raise InvalidInput("Choose the picture of the filled-in form.", field="scan")
    services.return_form(actor=user, form=known, name=given.name or known.number, content=given.read())


def _found(request: HttpRequest, form_id: UUID) -> PaperForm:
    return get_object_or_404(queries.forms_visible_to(_user(request)), id=form_id)


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers: dict[str, Any] = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
