"""Orders, labels, collection, the journey."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chain_of_identity import forms, queries, services
from chain_of_identity.api.lookups import container_of
from chain_of_identity.labels import Label
from chain_of_identity.models import Collection, Container, LabelPrint, Order, Scan
from chain_of_identity.states import OrderStatus
from chain_of_identity.views.common import act_page, banner, order_of, posted, scan_all, user_of
from mes import clock
from mes.api import by_id
from mes.errors import MesError
from mes.web import page, refused

PAGE_SIZE = 50


@require_GET
@page("identity.view")
def orders(request: HttpRequest) -> HttpResponse:
    """Orders of the person's sites, newest first; one search finds a therapy by any of its identifiers."""
    wanted = request.GET.get("q", "").strip()
    if wanted and (found := queries.identify(wanted)) and _may_see(request, found.order):
        return redirect("chain_of_identity:journey", found.order.id)
    status = request.GET.get("status", OrderStatus.ACTIVE)
    shown = queries.visible_to(user_of(request)).order_by("-id")
    if status in OrderStatus.values:
        shown = shown.filter(status=status)
    if wanted:
        shown = shown.filter(coi_id__endswith=wanted.upper().replace("-", ""))
    listed = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"orders": listed, "q": wanted, "status": status, "statuses": OrderStatus.choices}
    context["may_order"] = user_of(request).may_anywhere("identity.order")
    return render(request, "chain_of_identity/orders.html", context)


def _may_see(request: HttpRequest, order: Order) -> bool:
    return queries.visible_to(user_of(request)).filter(id=order.id).exists()


@require_http_methods(["GET", "POST"])
@page("identity.order")
def order_new(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = forms.NewOrderForm(posted(request), user=user)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            consent_at = clock.now(data["site"]) if data.pop("consented") else None
            try:
                order = services.open_therapy(actor=user, consent_at=consent_at, **data)
                return redirect("chain_of_identity:labels", order.id)
            except MesError as refusal:
                status = refused(request, refusal)
    return render(request, "chain_of_identity/order_new.html", {"form": form}, status=status)


@require_GET
@page("identity.view")
def journey(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)
    told = queries.journey(order)
    context = {
        "order": order,
        "site": order.site,
        "journey": told,
        "report": queries.chain_report(order),
        "reasons": queries.reasons_not_ready(order) if not told.containers or _waits(told.containers) else [],
        "acts": _acts(request, order),
        "notices": order.clinic_notices.select_related("told_by", "read_by"),
        "may_confirm": user_of(request).may("identity.order", order.site),
        "may_reveal": user_of(request).may("identity.reveal", order.site),
        "identity": banner(order, position="Journey", operation=order.product_code),
    }
    return render(request, "chain_of_identity/journey.html", context)


@require_POST
@page("identity.order")
def confirm_notice(request: HttpRequest, clinic_notice_id: UUID) -> HttpResponse:
    """The clinic has read what it was told."""
    user = user_of(request)
    notice = by_id(queries.clinic_notices_visible_to(user), clinic_notice_id, "message")
    try:
        services.confirm_notice(actor=user, notice=notice)
    except MesError as refusal:
        refused(request, refusal)
    return redirect("chain_of_identity:journey", notice.order_id)


def _waits(containers: tuple[Container, ...]) -> bool:
    """Nothing of the order is in manufacturing yet."""
    return not any(each.batch_id for each in containers)


_ACTS = (
    ("Labels", "chain_of_identity:labels", "identity.label"),
    ("Where the labels are", "chain_of_identity:label_accounts", "identity.view"),
    ("Record collection", "chain_of_identity:collection", "identity.collect"),
    ("Hand over", "chain_of_identity:handover", "identity.handover"),
    ("Inspect receipt", "chain_of_identity:receipt", "identity.receive"),
    ("Pack and ship", "chain_of_identity:shipment", "identity.ship"),
    ("Thaw", "chain_of_identity:thaw", "identity.bedside"),
    ("Check at the bed", "chain_of_identity:bedside", "identity.bedside"),
)


def _acts(request: HttpRequest, order: Order) -> list[tuple[str, str]]:
    """What this person may do with an active order."""
    if order.status != OrderStatus.ACTIVE:
        return []
    return [(words, name) for words, name, right in _ACTS if user_of(request).may(right, order.site)]


@require_http_methods(["GET", "POST"])
@page("identity.label")
def labels(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The labels of an order: prepare a collection bag, print the wristband."""
    order = order_of(request, order_id)

    def prepare(_data: dict[str, Any]) -> None:
        services.prepare_container(actor=user_of(request), order=order, description="Apheresis")

    prints = LabelPrint.objects.filter(order=order)
    printed = {each.container_id: each.copy for each in prints.order_by("copy")}
    rows = [(each, printed.get(each.id, 0)) for each in order.containers.all()]
    page_facts = {
        "template": "chain_of_identity/labels.html",
        "then": "chain_of_identity:labels",
        "title": "Labels",
        "rows": rows,
        "wristbands": printed.get(None, 0),
    }
    return act_page(request, order, form=forms.NothingToSay(posted(request)), carry_out=prepare, page=page_facts)


@require_http_methods(["GET", "POST"])
@page("identity.label")
def label_print(request: HttpRequest, order_id: UUID, label: str = "") -> HttpResponse:
    """POST counts the print and opens the print view; GET asks for the reason of a reprint."""
    order = order_of(request, order_id)
    container = container_of(order, label) if label else None
    form = forms.LabelForm(posted(request))
    status = 200
    if form.is_valid():
        try:
            made = services.print_label(
                actor=user_of(request), order=order, container=container, reason=form.cleaned_data["reason"]
            )
            return render(request, "chain_of_identity/label_view.html", {"label": _face(order, container, made.copy)})
        except MesError as refusal:
            status = refused(request, refusal)
    context = {"order": order, "form": form, "title": f"Print {label or 'wristband'}", "button": "Print label"}
    context["identity"] = banner(order, position="Labels", operation=order.product_code)
    return render(request, "chain_of_identity/act.html", context, status=status)


def _face(order: Order, container: Container | None, copy: int) -> Label:
    site, patient = order.site, order.patient
    collection = Collection.objects.filter(container=container).first() if container else None
    expires = container.expires_at if container else None
    return Label(
        code=container.label if container else order.short,
        chain_id=order.coi_id,
        contents=container.contents if container else "Wristband",
        recipient=f"{patient.pseudonym} · {patient.second_identifier}",
        facility=f"{site.name} ({site.facility_code})",
        expiry=clock.show(site, expires) if expires else "",
        donation_number=collection.donation.eye_readable if collection else "",
        copy=copy,
    )


@require_http_methods(["GET", "POST"])
@page("identity.collect")
def collection(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)

    def record(data: dict[str, Any]) -> None:
        [bag] = scan_all(user_of(request), order, [data.pop("code")], Scan.Purpose.COLLECTION)
        scanned = data["din"].strip().startswith("=")
        services.record_collection(actor=user_of(request), order=order, scan=bag, scanned=scanned, **data)

    return act_page(
        request,
        order,
        form=forms.CollectionForm(posted(request)),
        carry_out=record,
        page={"title": "Record collection", "button": "Record collection"},
    )


@require_http_methods(["GET", "POST"])
@page("identity.reveal")
@never_cache
def reveal(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The vault, opened for one look. The page is never kept and its address says nothing."""
    order = order_of(request, order_id)
    form = forms.RevealForm(posted(request))
    context: dict[str, Any] = {"order": order, "form": form, "title": "Patient's identity", "button": "Show identity"}
    context["identity"] = banner(order, position="Vault", operation=order.product_code)
    if form.is_valid():
        context["person"] = services.reveal_identity(actor=user_of(request), order=order, **form.cleaned_data)
        return render(request, "chain_of_identity/revealed.html", context)
    return render(request, "chain_of_identity/act.html", context)
