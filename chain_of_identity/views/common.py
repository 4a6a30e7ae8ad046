"""What the pages of one order share."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from chain_of_identity import services
from chain_of_identity.api.lookups import order_for
from chain_of_identity.errors import NotReleased, UnknownCode, WrongBag, WrongPatient
from chain_of_identity.models import Order, Scan
from mes import clock
from mes.accounts.models import User
from mes.errors import MesError
from mes.records.signing import Signer, authenticate_signer
from mes.web import form_credential, refused

# These are not corrected on a form: the work stops, and a page of its own says so.
STOPS = (WrongBag, UnknownCode, NotReleased, WrongPatient)


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to; an empty POST is a POST."""
    return request.POST if request.method == "POST" else None


def order_of(request: HttpRequest, order_id: UUID) -> Order:
    return order_for(user_of(request), order_id)


def banner(order: Order, *, position: str, operation: str) -> dict[str, Any]:
    """The identity banner (`_identity_banner.html`): pseudonymous, always on top."""
    batch = order.containers.exclude(batch_number="").values_list("batch_number", flat=True).last()
    return {
        "coi_id": order.short,
        "batch_number": batch,
        "second_label": order.patient.get_second_identifier_kind_display(),
        "second_identifier": order.patient.second_identifier,
        "position": position,
        "operation": operation,
        "stamp": clock.scale_mark(order.site).removeprefix(" · "),
    }


def scan_all(user: User, order: Order, codes: list[str], purpose: str) -> list[Scan]:
    """Each code as a scan of its own, or as the label two people read; the first wrong one stops."""
    return [services.scan_or_reading(actor=user, code=code, order=order, purpose=purpose) for code in codes]


def signer_of(request: HttpRequest, order: Order, meaning: str, *, prefix: str = "") -> Signer:
    return authenticate_signer(
        form_credential(request, prefix), meaning=meaning, site=order.site, acting=user_of(request)
    )


def act_page(
    request: HttpRequest,
    order: Order,
    *,
    form: forms.Form,
    carry_out: Callable[[dict[str, Any]], Any],
    page: dict[str, Any],
) -> HttpResponse:
    """A form that does one thing to an order, and the three ways it can end: done, corrected, stopped."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                carry_out(form.cleaned_data)
                return redirect(page.get("then", "chain_of_identity:journey"), order.id)
            except STOPS as stop:
                return stopped(request, order, stop)
            except MesError as refusal:
                status = refused(request, refusal)
    context = {"order": order, "form": form, **page}
    context["identity"] = banner(order, position=page["title"], operation=order.product_code)
    return render(request, page.get("template", "chain_of_identity/act.html"), context, status=status)


def stopped(request: HttpRequest, order: Order, stop: MesError) -> HttpResponse:
    """Full screen: what happened, what it means for the bag, what to do."""
    context = {
        "order": order,
        "stop": stop,
        "identity": banner(order, position="Stop", operation=order.product_code),
        "again": request.path,
    }
    return render(request, "chain_of_identity/stop.html", context, status=stop.status)
