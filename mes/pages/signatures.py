"""One's own signature taken back, on a page: the service and its rules are those of the API (R-056)."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mes.accounts.models import User
from mes.api import by_id
from mes.errors import MesError
from mes.records import queries
from mes.records.models import Signature
from mes.records.signing import authenticate_signer
from mes.records.withdrawing import MEANING, site_of, withdraw_signature
from mes.web import form_credential, page, refused


@never_cache
@sensitive_post_parameters("password", "passkey")
@page("records.view")
def withdraw(request: HttpRequest, signature_id: UUID) -> HttpResponse:
    """What was signed, by whom and when; its signer says why it does not stand."""
    user = cast(User, request.user)
    found = by_id(queries.signatures_visible(user.sites_for("records.view")), signature_id, "signature")
    status = 200
    if request.method == "POST":
        try:
            _withdraw(request, user, found)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            messages.success(request, "Your signature is withdrawn. What it was put on counts as unsigned.")
            return redirect("pages:withdraw_signature", found.id)
    context = {
        "signature": found,
        "site": site_of(found),
        "given": queries.signature_lines(found.withdrawal) if found.is_withdrawn else [],
        "may_withdraw": found.signer_id == user.id and not found.is_withdrawn and found.meaning != MEANING,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "mes/withdraw_signature.html", context, status=status)


def _withdraw(request: HttpRequest, user: User, found: Signature) -> None:
    signer = authenticate_signer(form_credential(request), meaning=MEANING, site=site_of(found), acting=user, full=True)
    withdraw_signature(actor=user, signature=found, signer=signer, reason=request.POST.get("reason", ""))
