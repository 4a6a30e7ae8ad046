"""Pages of materials: all lots, one lot, a delivery."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from materials import queries, services
from materials.api import lot_for
from materials.forms import ReceiveForm
from materials.models import Lot
from materials.states import LOT, LotStatus
from mes.accounts.models import User
from mes.errors import InvalidInput, MesError
from mes.quantities import Quantity, parse_decimal
from mes.records.queries import events_of, manifest_digest, signature_lines
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused

PAGE = 50


@page("materials.view")
def lots(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    user = cast(User, request.user)
    found = queries.narrowed(queries.lots_visible_to(user), wanted).order_by("-id")
    if before := wanted.pop("before", ""):
        found = found.filter(id__lt=_id(before))
    shown = list(found[: PAGE + 1])
    older = urlencode(wanted | {"before": str(shown[PAGE - 1].id)}) if len(shown) > PAGE else ""
    context = {
        "lots": shown[:PAGE],
        "wanted": wanted,
        "states": LotStatus.choices,
        "older": older and f"?{older}",
        "may_receive": user.may_anywhere("materials.receive"),
    }
    return render(request, "materials/lots.html", context)


@page("materials.receive")
def receive(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ReceiveForm(request.POST or None, user=user)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            lot = services.receive_lot(actor=user, **form.delivery())
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("materials:lot", lot_id=lot.id)
    return render(request, "materials/receive.html", {"form": form}, status=status)


@page("materials.view")
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    return _show(request, lot_for(cast(User, request.user), lot_id))


@require_POST
@page("materials.release")
def release(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = lot_for(user, lot_id)
    try:
        signer = authenticate_signer(
            form_credential(request), meaning="released", site=found.site, acting=user, subject=found
        )
        services.release_lot(actor=user, lot=found, signer=signer)
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("materials:lot", lot_id=lot_id)


@require_POST
@page("materials.release")
def withdraw(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """Reject a lot in quarantine, or recall one that was released; which of the two its state decides."""
    user = cast(User, request.user)
    found = lot_for(user, lot_id)
    act = services.reject_lot if found.status == LotStatus.QUARANTINED else services.recall_lot
    try:
        act(actor=user, lot=found, reason=request.POST.get("reason", ""))
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("materials:lot", lot_id=lot_id)


def _show(request: HttpRequest, lot: Lot, *, status: int = 200) -> HttpResponse:
    user = cast(User, request.user)
    context = {
        "lot": lot,
        "acts": {move.name for move in LOT.available(lot, user) if move.permission},
        "touched": queries.batches_touched_by(lot),
        "events": events_of(lot),
        "signatures": signature_lines(lot),
        "attributes": [
            (name.replace("_", " "), Quantity(parse_decimal(stated["value"]), stated["unit"]))
            for name, stated in lot.attributes.items()
        ],
        "seen": manifest_digest(lot),
        "full": full_credential_needed(user, form_credential(request).continuity),
    }
    return render(request, "materials/lot.html", context, status=status)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("This is no page of the list.", before=text) from None
