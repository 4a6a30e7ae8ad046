"""Where the printed labels of an order are, and what is said about those that are left over."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chain_of_identity import forms, queries, services
from chain_of_identity.models import Order
from chain_of_identity.views.common import banner, order_of, user_of
from mes.errors import MesError
from mes.web import page, refused


@require_safe
@page("identity.view")
def label_accounts(request: HttpRequest, order_id: UUID) -> HttpResponse:
    order = order_of(request, order_id)
    return _page(request, order, forms.FateForm(order), forms.ExplainLabelsForm())


@require_POST
@page("identity.label")
def label_fate(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One printed label was returned or destroyed."""
    order = order_of(request, order_id)
    form = forms.FateForm(order, request.POST)
    if not form.is_valid():
        return _page(request, order, form, forms.ExplainLabelsForm(), status=400)
    try:
        fate = services.account_for_label(actor=user_of(request), **form.cleaned_data)
    except MesError as refusal:
        return _page(request, order, form, forms.ExplainLabelsForm(), status=refused(request, refusal))
    messages.success(request, f"{fate.label_print}: {fate.get_what_display().lower()}.")
    return redirect("chain_of_identity:label_accounts", order.id)


@require_POST
@page("identity.reconcile")
def explain_labels(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where the labels of a batch are that are left over."""
    order = order_of(request, order_id)
    form = forms.ExplainLabelsForm(request.POST)
    if not form.is_valid():
        return _page(request, order, forms.FateForm(order), form, status=400)
    try:
        services.explain_labels(actor=user_of(request), order=order, **form.cleaned_data)
    except MesError as refusal:
        return _page(request, order, forms.FateForm(order), form, status=refused(request, refusal))
    messages.success(request, "The difference is explained.")
    return redirect("chain_of_identity:label_accounts", order.id)


def _page(
    request: HttpRequest, order: Order, fate: forms.FateForm, explain: forms.ExplainLabelsForm, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    context: dict[str, Any] = {
        "order": order,
        "found": queries.reconciliations(order),
        "fate_form": fate,
        "explain_form": explain,
        "may_account": user.may("identity.label", order.site),
        "may_explain": user.may("identity.reconcile", order.site),
        "identity": banner(order, position="Labels", operation=order.product_code),
    }
    return render(request, "chain_of_identity/label_accounts.html", context, status=status)
