"""The planner's pages: the board, the list, a slot with what can be done with it, and a hold for an order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from chain_of_identity.models import Order
from chain_of_identity.queries import visible_to as orders_visible_to
from mes import clock
from mes.accounts.models import Site, User
from mes.api import by_id
from mes.errors import MesError, NotFound
from mes.records.queries import events_of
from mes.web import page, refused
from scheduling import queries, services
from scheduling.api import slot_for
from scheduling.board import SCALES, columns_of, draw, state_of
from scheduling.forms import ListForm, MoveForm, PlaceForm
from scheduling.models import Slot
from scheduling.openings import Interval
from scheduling.states import SLOT

PAGE = 50
OFFERED = 10


@page("scheduling.view")
def board(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    site = _site(request)
    scale = SCALES.get(request.GET.get("scale", ""), SCALES["month"])
    first_day = _day(request.GET.get("from", "")) or _this_monday(site)
    suites = queries.suites_visible_to(user).filter(site=site)
    columns = columns_of(site, first_day, scale)
    shown = queries.slots_between(user, site, Interval(columns[0].start, columns[-1].end))
    context = {
        "board": draw(site, scale, columns, suites, shown),
        "scales": SCALES.values(),
        "waiting": queries.waiting_orders([site.pk])[:OFFERED],
        "may_plan": user.may("scheduling.plan", site),
        "sites": queries.sites_planned_by(user),
    }
    return render(request, "scheduling/board.html", context)


@page("scheduling.view")
def slots(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    wanted = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    found = queries.narrowed(queries.slots_visible_to(cast(User, request.user)), wanted).order_by("-id")
    if before := wanted.pop("before", None):
        found = found.filter(id__lt=before)
    shown = list(found[: PAGE + 1])
    older = f"?{urlencode(wanted | {'before': shown[PAGE - 1].pk})}" if len(shown) > PAGE else ""
    context = {"slots": [(slot, *state_of(slot)) for slot in shown[:PAGE]], "form": form, "older": older}
    return render(request, "scheduling/slots.html", context)


@page("scheduling.view")
def slot(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    return _show(request, slot_for(cast(User, request.user), slot_id))


@require_POST
@page("scheduling.plan")
def confirm(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    found = slot_for(cast(User, request.user), slot_id)
    try:
        services.confirm_slot(actor=cast(User, request.user), slot=found)
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("scheduling:slot", slot_id=slot_id)


@require_POST
@page("scheduling.plan")
def release(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    found = slot_for(cast(User, request.user), slot_id)
    try:
        services.release_slot(actor=cast(User, request.user), slot=found, reason=request.POST.get("reason", ""))
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("scheduling:slot", slot_id=slot_id)


@require_POST
@page("scheduling.plan")
def move(request: HttpRequest, slot_id: UUID) -> HttpResponse:
    found = slot_for(cast(User, request.user), slot_id)
    with timezone.override(ZoneInfo(found.site.timezone)):
        form = MoveForm(request.POST, site=found.site)
        if "preview" in request.POST:
            return redirect(f"{request.path.removesuffix('/move')}?{_place_typed(request)}")
        if not form.is_valid():
            return _show(request, found, form=form)
        try:
            services.move_slot(actor=cast(User, request.user), slot=found, **form.cleaned_data)
        except MesError as refusal:
            return _show(request, found, form=form, status=refused(request, refusal))
    return redirect("scheduling:slot", slot_id=slot_id)


@page("scheduling.plan")
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where there is room for an order: each opening is one click; another time is typed in."""
    user = cast(User, request.user)
    order = cast(Order, by_id(orders_visible_to(user), order_id, "order"))
    status = 200
    with timezone.override(ZoneInfo(order.site.timezone)):
        form = PlaceForm(request.POST or None, initial=request.GET.dict(), site=order.site)
        if request.method == "POST" and form.is_valid():
            try:
                held = services.hold_slot(actor=user, order=order, **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                return redirect("scheduling:slot", slot_id=held.pk)
        context = {"order": order, "form": form, "openings": _openings(user, order)}
        return render(request, "scheduling/hold.html", context, status=status)


def _show(request: HttpRequest, found: Slot, *, form: MoveForm | None = None, status: int = 200) -> HttpResponse:
    """The slot with what may be done. A place and time in the address are previewed: looking writes nothing."""
    user = cast(User, request.user)
    with timezone.override(ZoneInfo(found.site.timezone)):
        looked_at = MoveForm(request.GET, site=found.site)
        preview = _preview(found, looked_at) if "start" in request.GET else None
        filled = {"suite": found.suite.code, "start": found.window.lower} | request.GET.dict()
        context: dict[str, Any] = {
            "slot": found,
            "state": state_of(found),
            "acts": {act.name for act in SLOT.available(found, user) if act.permission},
            "form": form or MoveForm(initial=filled, site=found.site),
            "preview": preview,
            "warnings": queries.warnings_of(found),
            "events": events_of(found),
            "notices": found.notices.all(),
        }
        return render(request, "scheduling/slot.html", context, status=status)


def _place_typed(request: HttpRequest) -> str:
    return urlencode({name: request.POST.get(name, "") for name in ("suite", "start", "reason")})


def _preview(found: Slot, form: MoveForm) -> queries.Move | None:
    form.is_valid()
    place = form.cleaned_data
    if "suite" not in place or "start" not in place:
        return None
    return queries.preview_move(found, suite=place["suite"], start=place["start"])


def _openings(user: User, order: Order) -> list[queries.Opening]:
    suites = queries.suites_visible_to(user).filter(site=order.site)
    hours = queries.therapy_of(order).suite_hours
    return queries.search_openings(suites, timedelta(hours=hours), None, None)[:OFFERED]


def _site(request: HttpRequest) -> Site:
    """The site asked for, or the first where this person sees slots."""
    sites = queries.sites_planned_by(cast(User, request.user))
    code = request.GET.get("site", "")
    found = next((site for site in sites if not code or site.code == code), None)
    if found is None:
        raise NotFound(f"You see no slots at {code}.", site=code)
    return found


def _this_monday(site: Site) -> date:
    today = clock.now(site).astimezone(ZoneInfo(site.timezone)).date()
    return today - timedelta(days=today.weekday())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
