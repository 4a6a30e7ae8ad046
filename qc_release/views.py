"""Pages of the quality unit: work list, review by exception, release, certificate."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from batches import services as batch_services
from batches.banner import banner_of
from batches.models import Batch, BatchException
from batches.queries import critical_values, exceptions_of, photos_of_step
from equipment.alarms.membership import alarms_of_batch
from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.records.queries import manifest_digest, signature_lines
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused
from qc_release import queries, services
from qc_release.api.release import pdf_response
from qc_release.models import Notice, ReviewKind
from qc_release.queries.overview import review_overview
from qc_release.queries.worklist import batches_to_review, notices_to_give
from qc_release.review_words import in_words
from qc_release.states import DISPOSITION, MOVES, Disposition, meaning_of

SEVERITIES = ("critical", "high", "medium", "low", "info")
DOCUMENTS = (
    ("physician_request", "Physician's request"),
    ("risk_evaluation", "Risk evaluation"),
    ("notice", "Notice to the physician"),
    ("acceptance", "Recorded acceptance"),
)


@require_safe
@page("qc.view")
def worklist(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"waiting": batches_to_review(user), "notices": notices_to_give(user)}
    return render(request, "qc_release/worklist.html", context)


@require_safe
@page("qc.view")
def review(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    return _show_review(request, _batch(request, batch_id))


@require_POST
@page("qc.review")
def decide(request: HttpRequest, batch_id: UUID, exception_id: UUID) -> HttpResponse:
    """Decide one exception; the next undecided one is opened."""
    user, batch = cast(User, request.user), _batch(request, batch_id)
    exception: BatchException = by_id(exceptions_of(batch), exception_id, "exception")
    try:
        signer = authenticate_signer(
            form_credential(request), meaning="reviewed", site=batch.site, acting=user, subject=exception
        )
        batch_services.decide_exception(
            actor=user, exception=exception, decision=request.POST.get("decision", ""), signer=signer
        )
    except MesError as refusal:
        return _show_review(request, batch, opened=exception, status=refused(request, refusal))
    return redirect("qc_release:review", batch_id=batch_id)


@page("qc.review")
def sign(request: HttpRequest, batch_id: UUID, kind: str) -> HttpResponse:
    """One review: everything there is to look at, and its signature."""
    if kind not in ReviewKind.values:
        raise InvalidInput(f"There is no review “{kind}”.", known=ReviewKind.values)
    user, batch = cast(User, request.user), _batch(request, batch_id)
    status = 200
    if request.method == "POST":
        try:
            signer = authenticate_signer(form_credential(request), meaning="reviewed", site=batch.site, acting=user)
            comment = request.POST.get("comment", "")
            services.sign_review(actor=user, batch=batch, kind=kind, comment=comment, signer=signer)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:review", batch_id=batch_id)
    overview = review_overview(batch)
    state = next((each for each in overview.reviews if each.kind == kind), None)
    context = {"batch": batch, "site": batch.site, "identity": banner_of(batch)} | {
        "state": state,
        "facts": in_words(state.content) if state else [],
        "alarms": alarms_of_batch(batch.id) if kind == ReviewKind.ENVIRONMENT else [],
        "kind": ReviewKind(kind),
        "full": full_credential_needed(user, form_credential(request).continuity),
        "signatures": signature_lines(state.last) if state and state.last else [],
    }
    return render(request, "qc_release/sign.html", context, status=status)


@page("qc.disposition")
def release(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The release sheet: the consequence in words, the decision, the full credential."""
    user, batch = cast(User, request.user), _batch(request, batch_id)
    status = 200
    if request.method == "POST":
        try:
            _dispose(request, user, batch)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:review", batch_id=batch_id)
    overview = review_overview(batch)
    context = {"batch": batch, "site": batch.site, "identity": banner_of(batch)} | {
        "overview": overview,
        "choices": _choices(user, overview),
        "documents": DOCUMENTS,
        "chosen": request.POST.get("decision", ""),
    }
    return render(request, "qc_release/release.html", context, status=status)


@require_safe
@page("qc.view")
def certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    found = by_id(queries.certificates_visible_to(cast(User, request.user)), certificate_id, "certificate")
    return pdf_response(found)


@page("qc.view")
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found: Notice = by_id(queries.notices_visible_to(user), notice_id, "notice")
    status = 200
    if request.method == "POST":
        try:
            signer = authenticate_signer(form_credential(request), meaning="performed", site=found.site, acting=user)
            services.give_notice(actor=user, notice=found, how=request.POST.get("how", ""), signer=signer)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:worklist")
    context = {
        "notice": found,
        "may": user.may("qc.review", found.site),
        "full": full_credential_needed(user, form_credential(request).continuity),
    }
    return render(request, "qc_release/notice.html", context, status=status)


def _batch(request: HttpRequest, batch_id: UUID) -> Batch:
    found: Batch = by_id(queries.batches_visible_to(cast(User, request.user)), batch_id, "batch")
    return found


def _show_review(
    request: HttpRequest, batch: Batch, *, opened: BatchException | None = None, status: int = 200
) -> HttpResponse:
    user = cast(User, request.user)
    overview = review_overview(batch)
    exceptions = sorted(exceptions_of(batch), key=_by_severity)
    opened = opened or _opened(request, exceptions)
    context = {"batch": batch, "site": batch.site, "identity": banner_of(batch)} | {
        "overview": overview,
        "exceptions": exceptions,
        "undecided": sum(each.status == "open" for each in exceptions),
        "opened": opened,
        "opened_digest": manifest_digest(opened) if opened else "",
        "photos": photos_of_step(opened.step_id if opened else None),
        "critical": critical_values(batch),
        "may_review": user.may("qc.review", batch.site),
        "may_deviate": user.may("batches.deviation", batch.site),
        "may_decide": user.may("qc.disposition", batch.site),
        "full": full_credential_needed(user, form_credential(request).continuity),
        "certificates": queries.certificates_visible_to(user).filter(file__batch=batch).order_by("-number"),
        "dispositions": overview.file.dispositions.select_related("decided_by") if overview.file else [],
    }
    return render(request, "qc_release/review.html", context, status=status)


def _by_severity(exception: BatchException) -> tuple[bool, int, Any]:
    """Undecided first, then by severity, then by time."""
    return exception.status != "open", SEVERITIES.index(exception.severity), exception.raised_at


def _opened(request: HttpRequest, exceptions: list[BatchException]) -> BatchException | None:
    """The one asked for, else the first nobody has decided."""
    wanted = request.GET.get("open", "")
    asked = next((each for each in exceptions if str(each.id) == wanted), None)
    return asked or next((each for each in exceptions if each.status == "open"), None)


def _dispose(request: HttpRequest, user: User, batch: Batch) -> None:
    given = request.POST
    decision = given.get("decision", "")
    signer = authenticate_signer(
        form_credential(request), meaning=meaning_of(decision), site=batch.site, acting=user, full=True
    )
    supply = services.OutOfSpecificationSupply(**{name: given.get(name, "") for name, _ in DOCUMENTS})
    services.dispose(
        actor=user,
        batch=batch,
        decision=decision,
        comment=given.get("comment", ""),
        recall_path=given.get("recall_path", ""),
        supply=supply if decision == Disposition.SUPPLIED_OOS else None,
        signer=signer,
    )


def _choices(user: User, overview: Any) -> list[dict[str, Any]]:
    """The decisions that are possible from here, each with its consequence and whether something stands against it."""
    if overview.file is None:
        return []
    possible = {cell.target for cell in DISPOSITION.available(overview.file, user)}
    blocked = {
        Disposition.RELEASED: not overview.ready,
        Disposition.RELEASED_PENDING: not overview.ready_with_pending,
    }
    return [
        {
            "value": decision,
            "label": Disposition(decision).label,
            "means": meaning_of(decision),
            "sentence": overview.sheet.sentences[decision],
            "blocked": blocked.get(Disposition(decision), False),
        }
        for decision in MOVES
        if decision in possible
    ]
