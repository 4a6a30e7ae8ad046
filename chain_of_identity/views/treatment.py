"""At the clinic: thaw, check at the bed, infuse."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from chain_of_identity import forms, services
from chain_of_identity.api.lookups import check_of
from chain_of_identity.models import Scan
from chain_of_identity.views.common import act_page, order_of, posted, scan_all, signer_of, user_of
from mes.web import page


@require_http_methods(["GET", "POST"])
@page("identity.bedside")
def thaw(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)

    def start(data: dict[str, Any]) -> None:
        [bag] = scan_all(user_of(request), order, [data["code"]], Scan.Purpose.THAW)
        services.thaw(actor=user_of(request), scan=bag, use_within_minutes=data["use_within_minutes"])

    form = forms.ThawForm(posted(request))
    facts = {"title": "Thaw", "button": "Start thawing", "purpose": Scan.Purpose.THAW}
    return act_page(request, order, form=form, carry_out=start, page=facts)


@require_http_methods(["GET", "POST"])
@page("identity.bedside")
def bedside(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Two people sign: the first is signed in, the second gives name and password here."""
    order = order_of(request, order_id)

    def check(data: dict[str, Any]) -> None:
        signer = signer_of(request, order, "performed")
        verifier = signer_of(request, order, "verified", prefix="second_")
        [bag] = scan_all(user_of(request), order, [data["bag"]], Scan.Purpose.BEDSIDE)
        [wristband] = scan_all(user_of(request), order, [data["wristband"]], Scan.Purpose.WRISTBAND)
        services.bedside_check(
            bag=bag,
            wristband=wristband,
            second_identifier=data["second_identifier"],
            signer=signer,
            verifier=verifier,
        )

    form = forms.BedsideForm(posted(request))
    form.fields["second_identifier"].label = order.patient.get_second_identifier_kind_display()
    facts = {
        "template": "chain_of_identity/bedside.html",
        "title": "Check at the bed",
        "purpose": Scan.Purpose.BEDSIDE,
        "button": "Sign: bag and patient belong together",
        "meaning": "performed",
        "checks": order.bedside_checks.filter(infusion=None).select_related("container", "first", "second"),
    }
    return act_page(request, order, form=form, carry_out=check, page={**facts, "then": "chain_of_identity:bedside"})


@require_http_methods(["GET", "POST"])
@page("identity.infuse")
def infusion(request: HttpRequest, order_id: UUID, check_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)
    check = check_of(order, check_id)

    def record(data: dict[str, Any]) -> None:
        services.record_infusion(actor=user_of(request), check=check, **data)

    form = forms.InfusionForm(posted(request), initial={"volume_ml": check.container.volume_ml})
    facts = {"title": f"Infusion of {check.container}", "button": "Record infusion"}
    return act_page(request, order, form=form, carry_out=record, page=facts)
