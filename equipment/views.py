"""Pages of equipment: all units with their fitness, one unit with its values, and its cleaning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from equipment import queries, services
from equipment.api.checks import check_for, report_of
from equipment.api.rooms import room_for
from equipment.api.units import unit_for
from equipment.drawn_trend import Lane, Range, draw
from equipment.forms import CleaningForm, RoomCleaningForm
from equipment.models import Unit
from equipment.terminals.queries import RIGHT
from equipment.trends import Trend
from mes import clock
from mes.accounts.models import User
from mes.errors import MesError, Reason
from mes.records.signing import authenticate_signer
from mes.web import form_credential, page, refused

WINDOWS = {"1": "1 hour", "24": "1 day", "72": "3 days", "288": "12 days"}
POINTS = 320  # one slice for two pixels of the drawing


@page("equipment.view")
def units(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    found = [(unit, _reasons(unit)) for unit in queries.units_visible_to(user)]
    listed = [(unit, _fitness(reasons), reasons) for unit, reasons in found]
    rooms = queries.rooms_visible_to(user)
    context = {"units": listed, "rooms": rooms, "may_register": user.may_anywhere(RIGHT)}
    return render(request, "equipment/units.html", context)


@page("equipment.view")
def unit(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    return _show(request, unit_for(cast(User, request.user), unit_id), CleaningForm())


@require_POST
@page("equipment.check")
def request_check(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    checked = unit_for(user, unit_id)
    try:
        asked = services.request_check(actor=user, unit=checked)
    except MesError as refusal:
        return _show(request, checked, CleaningForm(), status=refused(request, refusal))
    return redirect("equipment:check", equipment_check_id=asked.id)


@page("equipment.view")
def check(request: HttpRequest, equipment_check_id: UUID) -> HttpResponse:
    shown = check_for(cast(User, request.user), equipment_check_id)
    return render(request, "equipment/check.html", {"check": shown, "report": report_of(shown), "unit": shown.unit})


@require_POST
@page("equipment.clean")
def clean(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    cleaned = unit_for(user, unit_id)
    form = CleaningForm(request.POST)
    if not form.is_valid():
        return _show(request, cleaned, form, status=400)
    try:
        given = form_credential(request, "verification_")
        checker = authenticate_signer(given, meaning="checked", site=cleaned.site, acting=user)
        due_at = clock.now(cleaned.site) + timedelta(days=form.cleaned_data["days"])
        procedure = form.cleaned_data["procedure"]
        services.record_cleaning(actor=user, unit=cleaned, checker=checker, procedure=procedure, due_at=due_at)
    except MesError as refusal:
        return _show(request, cleaned, form, status=refused(request, refusal))
    return redirect("equipment:unit", unit_id=unit_id)


@page("equipment.view")
def room(request: HttpRequest, room_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    shown = room_for(user, room_id)
    form, status = RoomCleaningForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            given = form_credential(request, "verification_")
            checker = authenticate_signer(given, meaning="checked", site=shown.site, acting=user)
            procedure = form.cleaned_data["procedure"]
            services.clean_room(actor=user, room=shown, procedure=procedure, checker=checker)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("equipment:room", room_id=room_id)
    context = {
        "room": shown,
        "form": form,
        "units": shown.units.all(),
        "cleanings": shown.cleanings.select_related("performed_by", "checked_by").order_by("-done_at")[:20],
        "may_clean": user.may("equipment.clean", shown.site),
    }
    return render(request, "equipment/room.html", context, status=status)


def _show(request: HttpRequest, shown: Unit, form: CleaningForm, *, status: int = 200) -> HttpResponse:
    now = clock.now(shown.site)
    hours = request.GET.get("hours", "24")
    hours = hours if hours in WINDOWS else "24"
    reasons = _reasons(shown)
    context = {
        "unit": shown,
        "fitness": _fitness(reasons),
        "reasons": reasons,
        "live": queries.live_values(shown),
        "lanes": _lanes(shown, now, timedelta(hours=int(hours))),
        "windows": WINDOWS.items(),
        "hours": hours,
        "commands": shown.commands.select_related("requested_by")[:20],
        "log": reversed(queries.log_of(shown)[-50:]),
        "stamp": clock.stamp(shown.site),
        "form": form,
        "may_clean": cast(User, request.user).may("equipment.clean", shown.site),
        "checks": shown.checks.select_related("requested_by", "report")[:10],
        "may_check": cast(User, request.user).may("equipment.check", shown.site),
        "reasons_not_to_check": queries.reasons_not_to_check(shown),
    }
    return render(request, "equipment/unit.html", context, status=status)


def _reasons(shown: Unit) -> list[Reason]:
    now = clock.now(shown.site)
    return queries.reasons_unfit(shown, class_code=shown.class_code, batch_id=None, at=now)


def _fitness(reasons: list[Reason]) -> str:
    """fit, in_use or unfit: a unit that only holds somebody's material has nothing wrong with it."""
    if not reasons:
        return "fit"
    return "in_use" if {reason.code for reason in reasons} == {"occupied"} else "unfit"


def _lanes(shown: Unit, now: datetime, window: timedelta) -> list[Lane]:
    tags = [tag.name for tag in shown.page.tags]
    found = queries.trends(shown, tags, now - window, now, POINTS)
    latest = shown.commands.filter(status="confirmed").first()
    in_force = latest.read_back.get("setpoints", {}) if latest else {}
    return [draw(each, zone=shown.site.timezone, band=_band(each, in_force.get(tag))) for tag, each in found.items()]


def _band(shown: Trend, setpoint: float | None) -> Range | None:
    """Five display steps around the set-point in force; a value that nobody set has no band."""
    if setpoint is None:
        return None
    width = 5 * 10.0**-shown.decimals
    return setpoint - width, setpoint + width
