"""The supervisor's view: all batches under way on one page, who calls, what waits for a decision."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from batches import services
from batches.queries.calls import ANSWER, calls_to_answer, calls_visible_to
from batches.queries.floor import floor_of
from batches.queries.redlines import redlines_proposed
from mes.accounts.models import User
from mes.languages import translated
from mes.web import page


@translated
@require_safe
@page(ANSWER)
def floor(request: HttpRequest) -> HttpResponse:
    """It asks again by itself, but never while somebody has a hand on it."""
    user = cast(User, request.user)
    context = {
        "batches": floor_of(user),
        "calls": calls_to_answer(user),
        "redlines": redlines_proposed(user),
    }
    return render(request, "batches/floor.html", context)


@require_POST
@page(ANSWER)
def answer(request: HttpRequest, call_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    services.answer_call(actor=user, call=get_object_or_404(calls_visible_to(user), id=call_id))
    return redirect("batches:floor")


@require_POST
@page(ANSWER)
def settle(request: HttpRequest, call_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    call = get_object_or_404(calls_visible_to(user), id=call_id)
    services.settle_call(actor=user, call=call, outcome=request.POST.get("outcome", "")[:500])
    return redirect("batches:floor")
