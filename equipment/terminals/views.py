"""The administrator's pages of terminals: which devices record, where they belong, and which of them this one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from equipment import services
from equipment.terminals.forms import MoveForm, RetireForm, TerminalForm
from equipment.terminals.middleware import keep_key
from equipment.terminals.models import Terminal
from equipment.terminals.queries import RIGHT, terminals_visible_to
from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.records import current
from mes.web import page, refused

PAGE = 50


@require_safe
@page(RIGHT)
def terminals(request: HttpRequest) -> HttpResponse:
    found = terminals_visible_to(_me(request)).order_by("-id")
    if before := request.GET.get("before"):
        found = found.filter(id__lt=_place(before))
    shown = list(found[: PAGE + 1])
    older = f"?before={shown[PAGE - 1].id}" if len(shown) > PAGE else ""
    context = {"terminals": shown[:PAGE], "older": older, "this": current.request.get().terminal()}
    return render(request, "equipment/terminals.html", context)


@page(RIGHT)
def register(request: HttpRequest) -> HttpResponse:
    form, status = TerminalForm(request.POST or None, administrator=_me(request)), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made, _ = services.register_terminal(actor=_me(request), **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                messages.success(request, f"{made} is registered. Open this page on the device and make it {made}.")
                return redirect("equipment:terminal", made.id)
    return render(request, "equipment/terminal_new.html", {"form": form}, status=status)


@require_safe
@page(RIGHT)
def terminal(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    return _show(request, _terminal(request, terminal_id))


@require_POST
@page(RIGHT)
def move(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    moved = _terminal(request, terminal_id)
    form = MoveForm(request.POST, site=moved.site)
    return _carried_out(request, moved, "move_form", form, services.move_terminal, f"{moved} is moved.")


@require_POST
@page(RIGHT)
def retire(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    retired = _terminal(request, terminal_id)
    form = RetireForm(request.POST)
    return _carried_out(request, retired, "retire_form", form, services.retire_terminal, f"{retired} is retired.")


@require_POST
@page(RIGHT)
def this_device(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    """Make the browser that asks this terminal: it gets a new key, and whatever was the terminal before is not."""
    meant = _terminal(request, terminal_id)
    try:
        made, key = services.renew_terminal_key(actor=_me(request), terminal=meant)
    except MesError as refusal:
        return _show(request, meant, status=refused(request, refusal))
    messages.success(request, f"This device is {made} from now on.")
    response = redirect("equipment:terminals")
    keep_key(response, key)
    return response


@never_cache
@require_POST
@page(RIGHT)
def new_key(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    """A key for a program, in this one answer and nowhere else."""
    meant = _terminal(request, terminal_id)
    try:
        made, key = services.renew_terminal_key(actor=_me(request), terminal=meant)
    except MesError as refusal:
        return _show(request, meant, status=refused(request, refusal))
    return render(request, "equipment/terminal_key.html", {"terminal": made, "key": key}, status=201)


def _carried_out(
    request: HttpRequest, subject: Terminal, name: str, form: forms.Form, act: Callable[..., Terminal], done: str
) -> HttpResponse:
    if not form.is_valid():
        return _show(request, subject, {name: form}, status=400)
    try:
        act(actor=_me(request), terminal=subject, **form.cleaned_data)
    except MesError as refusal:
        return _show(request, subject, {name: form}, status=refused(request, refusal))
    messages.success(request, done)
    return redirect("equipment:terminal", subject.id)


def _show(
    request: HttpRequest, subject: Terminal, bound: dict[str, forms.Form] | None = None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "terminal": subject,
        "move_form": MoveForm(site=subject.site, initial={"room": subject.room_id}),
        "retire_form": RetireForm(),
        **(bound or {}),
    }
    return render(request, "equipment/terminal.html", context, status=status)


def _terminal(request: HttpRequest, terminal_id: UUID) -> Terminal:
    return cast(Terminal, by_id(terminals_visible_to(_me(request)), terminal_id, "terminal"))


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _place(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("The address names no place in the list.", field="before") from error
