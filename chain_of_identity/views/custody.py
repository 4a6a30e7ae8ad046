"""Hand-over, receipt, shipment."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from chain_of_identity import forms, queries, services
from chain_of_identity.api.lookups import handover_for
from chain_of_identity.models import Scan
from chain_of_identity.views.common import act_page, order_of, posted, scan_all, signer_of, user_of
from mes.web import page

HANDOVER = "chain_of_identity/handover.html"


@require_GET
@page("identity.handover")
def handovers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer from anybody the person can see."""
    user = user_of(request)
    waiting = queries.handovers_visible_to(user).filter(answer=None).prefetch_related("items__container")
    offers = [(each, queries.parties_of(user, each.order.site)) for each in waiting]
    return render(request, "chain_of_identity/handovers.html", {"offers": offers})


@require_http_methods(["GET", "POST"])
@page("identity.scan")
def cannot_scan(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """A label no scanner reads: two people read it, the second signs. The act itself comes after."""
    order = order_of(request, order_id)

    def read(data: dict[str, Any]) -> None:
        verifier = signer_of(request, order, "verified", prefix="second_")
        services.cannot_scan(actor=user_of(request), verifier=verifier, **data)
        messages.success(request, f"{data['container']} was read by two people. Type it where it would be scanned.")

    form = forms.CannotScanForm(order, posted(request), initial={"purpose": request.GET.get("purpose")})
    facts = {
        "template": "chain_of_identity/cannot_scan.html",
        "title": "Label cannot be scanned",
        "button": "Record the reading",
    }
    return act_page(request, order, form=form, carry_out=read, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.handover")
def handover(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The giver's side."""
    order = order_of(request, order_id)

    def give(data: dict[str, Any]) -> None:
        scans = scan_all(user_of(request), order, data.pop("codes"), Scan.Purpose.HANDOVER)
        services.give(actor=user_of(request), order=order, scans=scans, **data)

    held = order.containers.filled().filter(custody__in=queries.parties_of(user_of(request), order.site))
    facts = {
        "template": HANDOVER,
        "title": "Hand over",
        "button": "Hand over custody",
        "containers": held,
        "purpose": Scan.Purpose.HANDOVER,
    }
    return act_page(request, order, form=forms.GiveForm(posted(request)), carry_out=give, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.handover")
def take(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """The receiver's side: custody changes here."""
    offered = handover_for(user_of(request), handover_id)
    order = offered.order

    def receive(data: dict[str, Any]) -> None:
        scans = scan_all(user_of(request), order, data.pop("codes"), Scan.Purpose.HANDOVER)
        services.receive(actor=user_of(request), handover=offered, scans=scans, **data)

    containers = [item.container for item in offered.items.select_related("container")]
    facts = {
        "template": HANDOVER,
        "title": "Take over",
        "purpose": Scan.Purpose.HANDOVER,
        "button": "Take over custody",
        "containers": containers,
        "handover": offered,
    }
    return act_page(request, order, form=forms.TakeForm(posted(request)), carry_out=receive, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.handover")
def decline(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """The other end of an offer: its receiver refuses it, its giver takes it back. Custody stays where it was."""
    offered = handover_for(user_of(request), handover_id)
    receives = offered.to_party in queries.parties_of(user_of(request), offered.order.site)
    end, title = (services.refuse, "Refuse the hand-over") if receives else (services.withdraw, "Take the offer back")

    def close(data: dict[str, Any]) -> None:
        end(actor=user_of(request), handover=offered, **data)

    facts = {"title": title, "button": title}
    return act_page(request, offered.order, form=forms.DeclineForm(posted(request)), carry_out=close, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.receive")
def receipt(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)

    def decide(data: dict[str, Any]) -> None:
        signer = signer_of(request, order, "received")
        scans = scan_all(user_of(request), order, data.pop("codes"), Scan.Purpose.RECEIPT)
        accepted = data.pop("decision") == "accept"
        services.accept_receipt(
            actor=user_of(request), order=order, scans=scans, accepted=accepted, signer=signer, **data
        )

    facts = {
        "title": "Inspect receipt",
        "button": "Sign and decide",
        "meaning": "received",
        "purpose": Scan.Purpose.RECEIPT,
    }
    return act_page(request, order, form=forms.ReceiptForm(posted(request)), carry_out=decide, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.ship")
def shipment(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)

    def pack(data: dict[str, Any]) -> None:
        scans = scan_all(user_of(request), order, data.pop("codes"), Scan.Purpose.SHIPPING)
        services.ship(actor=user_of(request), order=order, scans=scans, **data)

    form = forms.ShipForm(posted(request), initial={"destination": order.clinic})
    facts = {
        "template": HANDOVER,
        "title": "Pack and ship",
        "purpose": Scan.Purpose.SHIPPING,
        "button": "Pack and offer to courier",
        "containers": order.containers.product().filled(),
    }
    return act_page(request, order, form=form, carry_out=pack, page=facts)
