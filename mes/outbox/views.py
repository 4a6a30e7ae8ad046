"""The administrator's pages: who is told what, what waits, and what did not get through."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.outbox import services
from mes.outbox.forms import ReasonForm, SubscriptionForm
from mes.outbox.models import Message, Subscription
from mes.outbox.queries import counts_for, messages_visible_to, subscriptions_visible_to
from mes.outbox.states import RIGHT, MessageState
from mes.web import page, refused

PAGE = 50


@require_safe
@page(RIGHT)
def messages(request: HttpRequest) -> HttpResponse:
    """Dead letters and what waits, unless another state is asked for; newest first."""
    return _show_messages(request)


@require_POST
@page(RIGHT)
def send_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    return _settled(request, message_id, services.send_again, "It is sent again.")


@require_POST
@page(RIGHT)
def set_aside(request: HttpRequest, message_id: UUID) -> HttpResponse:
    return _settled(request, message_id, services.set_aside, "It is set aside; what stood behind it goes on.")


@require_safe
@page(RIGHT)
def subscriptions(request: HttpRequest) -> HttpResponse:
    found = subscriptions_visible_to(_me(request)).order_by("-id")
    if before := request.GET.get("before"):
        found = found.filter(id__lt=_uuid(before))
    shown = list(found[: PAGE + 1])
    older = f"?before={shown[PAGE - 1].id}" if len(shown) > PAGE else ""
    return render(request, "outbox/subscriptions.html", {"subscriptions": shown[:PAGE], "older": older})


@never_cache
@page(RIGHT)
def subscribe(request: HttpRequest) -> HttpResponse:
    """The secret of a new webhook is in this one answer, and nowhere else."""
    form, status = SubscriptionForm(request.POST or None, administrator=_me(request)), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made, secret = services.subscribe(actor=_me(request), **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                return _subscribed(request, made, secret)
    return render(request, "outbox/subscribe.html", {"form": form}, status=status)


@require_POST
@page(RIGHT)
def send_test(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    found = _subscription(request, subscription_id)
    try:
        services.send_test(actor=_me(request), subscription=found)
    except MesError as refusal:
        refused(request, refusal)
    else:
        notes.success(request, f"A test message to {found} is written.")
    return redirect("outbox:subscriptions")


@require_POST
@page(RIGHT)
def end(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    found = _subscription(request, subscription_id)
    try:
        services.end_subscription(actor=_me(request), subscription=found, reason=request.POST.get("reason", ""))
    except MesError as refusal:
        refused(request, refusal)
    else:
        notes.success(request, f"{found} is told nothing any more.")
    return redirect("outbox:subscriptions")


def _subscribed(request: HttpRequest, made: Subscription, secret: str) -> HttpResponse:
    if secret:
        return render(request, "outbox/secret.html", {"subscription": made, "secret": secret}, status=201)
    notes.success(request, f"{made} is told from now on.")
    return redirect("outbox:subscriptions")


def _settled(request: HttpRequest, message_id: UUID, act: Callable[..., Message], done: str) -> HttpResponse:
    found = cast(Message, by_id(messages_visible_to(_me(request)), message_id, "message"))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show_messages(request, {found.id: form}, status=400)
    try:
        act(actor=_me(request), message=found, **form.cleaned_data)
    except MesError as refusal:
        return _show_messages(request, status=refused(request, refusal))
    notes.success(request, done)
    return redirect("outbox:messages")


def _show_messages(
    request: HttpRequest, bound: dict[UUID, ReasonForm] | None = None, *, status: int = 200
) -> HttpResponse:
    wanted = request.GET.get("status", "")
    found = messages_visible_to(_me(request)).order_by("-position")
    found = found.filter(status=wanted) if wanted in MessageState.values else found.in_line()
    if before := request.GET.get("before"):
        found = found.filter(position__lt=_number(before))
    shown = list(found[: PAGE + 1])
    older = urlencode({"status": wanted, "before": shown[PAGE - 1].position}) if len(shown) > PAGE else ""
    context: dict[str, Any] = {
        "messages_shown": shown[:PAGE],
        "problems": list((bound or {}).values()),
        "counts": counts_for(_me(request).sites_for(RIGHT)),
        "wanted": wanted,
        "states": MessageState.choices,
        "older": older and f"?{older}",
    }
    return render(request, "outbox/messages.html", context, status=status)


def _subscription(request: HttpRequest, subscription_id: UUID) -> Subscription:
    return cast(Subscription, by_id(subscriptions_visible_to(_me(request)), subscription_id, "receiver"))


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("The address names no place in the list.", field="before") from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput("The address names no place in the list.", field="before")
    return int(text)
