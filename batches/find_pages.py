"""From a scan to the work: the batch of a label, the batches of a room, the others beside a batch."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from batches.due_words import due_words, is_overdue
from batches.models import Batch
from batches.queries.here import batch_behind, beside, in_room
from batches.queries.visible import visible_to
from batches.queries.work import NextAction
from equipment.queries import rooms_visible_to
from mes.accounts.models import User
from mes.languages import translated
from mes.pages.scans import scanned
from mes.phrases import Phrase, shown
from mes.web import page


@translated
@require_safe
@page("batches.view")
def find(request: HttpRequest) -> HttpResponse:
    """To the next step of the batch whose label was scanned, or to the batches of a room."""
    user, code = cast(User, request.user), scanned(request.GET.get("code", ""))
    batch = batch_behind(user, code) if code else None
    if batch is not None:
        return redirect("batches:run", batch_id=batch.id)
    room = rooms_visible_to(user).filter(code__iexact=code).first()
    if room is not None:
        return redirect("batches:room", room_id=room.id)
    words = Phrase("“{code}” is no label of a batch under way, and no room that you see.", code=code)
    messages.warning(request, shown(words))
    return redirect("pages:home")


@translated
@require_safe
@page("batches.view")
def room(request: HttpRequest, room_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = get_object_or_404(rooms_visible_to(user), id=room_id)
    nothing = Phrase("No batch is in room {room}", room=found.code)
    return _listed(request, Phrase("Batches in room {room}", room=found.code), nothing, in_room(user, found.id))


@translated
@require_safe
@page("batches.view")
def others(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Straight to the other batch here, where there is one; a choice where there are more."""
    user = cast(User, request.user)
    batch = get_object_or_404(visible_to(user), id=batch_id)
    found = beside(user, batch)
    if len({action.batch_id for action in found}) == 1:
        return redirect("batches:run", batch_id=found[0].batch_id)
    title = Phrase("Other batches beside {batch}", batch=batch.number)
    return _listed(request, title, Phrase("No other batch is here"), found, back_to=batch)


def _listed(
    request: HttpRequest, title: str, nothing: str, actions: list[NextAction], back_to: Batch | None = None
) -> HttpResponse:
    """`nothing` is said where there are none."""
    lines = [{"action": each, "due": due_words(each), "is_late": is_overdue(each)} for each in actions]
    context = {"title": title, "nothing": nothing, "lines": lines, "back_to": back_to}
    return render(request, "batches/here.html", context)
