"""Pages of alarms: the strip, the list, one alarm, and what calls for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from equipment import queries as units
from equipment import services
from equipment.alarms.forms import (
    AcknowledgeForm,
    ChangeDefinitionForm,
    NewDefinitionForm,
    ShelveForm,
    WithdrawForm,
)
from equipment.alarms.grouping import FLOOD
from equipment.alarms.models import Priority
from equipment.alarms.performance import performance
from equipment.alarms.queries import alarms_visible_to, by_cause, definitions_visible_to, is_flood, narrowed, strip_of
from equipment.api.alarms import alarm_for, definition_for
from equipment.models import Alarm, AlarmDefinition
from equipment.states import ALARM, OPEN_ALARMS, AlarmStatus
from mes import server_clock
from mes.accounts.models import User
from mes.clock import stamp
from mes.errors import MesError
from mes.languages import translated
from mes.phrases import Phrase
from mes.records.signing import Signer, authenticate_signer
from mes.web import form_credential, page, refused

MOST = 200
STATES = [("open", Phrase("Not closed")), *AlarmStatus.choices, ("all", Phrase("All"))]


@translated
@require_safe
@page("equipment.view")
def alarms(request: HttpRequest) -> HttpResponse:
    """Newest first. In a flood, or when asked for, folded by cause."""
    user = cast(User, request.user)
    status = request.GET.get("status") or "open"
    wanted = {name: request.GET.get(name, "") for name in ("unit", "priority")}
    found = narrowed(alarms_visible_to(user), wanted)
    if status != "all":
        found = found.filter(status__in=OPEN_ALARMS if status == "open" else [status])
    flood = is_flood(user)
    folded = flood or request.GET.get("by") == "cause"
    shown = found.order_by("-raised_at", "-id")[:MOST]
    context = {
        "groups": by_cause(shown) if folded else [],
        "alarms": [] if folded else shown,
        "folded": folded,
        "flood": flood,
        "wanted": wanted | {"status": status, "by": request.GET.get("by", "")},
        "states": STATES,
        "priorities": Priority.choices,
        "units": units.units_visible_to(user).values_list("code", flat=True),
        "checked_at": server_clock.now(),
    }
    return render(request, "equipment/alarms/list.html", context)


@translated
@require_safe
@page("equipment.view")
def alarm(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    return _show(request, alarm_for(cast(User, request.user), alarm_id))


@translated
@require_POST
@page("equipment.acknowledge")
def acknowledge(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = alarm_for(user, alarm_id)
    try:
        services.acknowledge_alarm(
            actor=user, alarm=found, comment=request.POST.get("comment", ""), signer=_signer(request, found)
        )
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("equipment:alarm", alarm_id=alarm_id)


def _signer(request: HttpRequest, alarm: Alarm) -> Signer | None:
    """Who acknowledges is proven where the alarm asks for it."""
    if not alarm.needs_signature:
        return None
    return authenticate_signer(
        form_credential(request), meaning=services.ACKNOWLEDGED, site=alarm.site, acting=cast(User, request.user)
    )


@translated
@require_POST
@page("equipment.shelve")
def shelve(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = alarm_for(user, alarm_id)
    form = ShelveForm(request.POST)
    if not form.is_valid():
        return _show(request, found, shelve_form=form, status=400)
    until = server_clock.now() + timedelta(minutes=form.cleaned_data["minutes"])
    try:
        services.shelve_alarm(actor=user, alarm=found, until=until, reason=form.cleaned_data["reason"])
    except MesError as refusal:
        return _show(request, found, shelve_form=form, status=refused(request, refusal))
    return redirect("equipment:alarm", alarm_id=alarm_id)


@translated
@require_POST
@page("equipment.acknowledge")
def rate(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = alarm_for(user, alarm_id)
    try:
        services.rate_alarm(actor=user, alarm=found, useful=request.POST.get("useful") == "yes")
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("equipment:alarm", alarm_id=alarm_id)


@require_safe
@page("equipment.view")
def month(request: HttpRequest) -> HttpResponse:
    """How the alarms of thirty days did."""
    found = performance(cast(User, request.user))
    return render(request, "equipment/alarms/month.html", {"found": found, "flood": FLOOD})


@translated
@require_safe
@page("equipment.view")
def strip(request: HttpRequest) -> HttpResponse:
    """What the strip of an open page asks for every few seconds."""
    return render(request, "equipment/alarms/_strip.html", strip_context(request, request.GET.get("batch", "")))


def strip_context(request: HttpRequest, batch: str) -> dict[str, Any]:
    user = cast(User, request.user)
    shown = strip_of(user, _as_id(batch))
    found = shown.alarm
    return {
        "strip": shown,
        "alarm": found,
        "stamp": stamp(found.site) if found else "",
        "user": user,
    }


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _show(
    request: HttpRequest, shown: Alarm, *, shelve_form: ShelveForm | None = None, status: int = 200
) -> HttpResponse:
    possible = {cell.name for cell in ALARM.available(shown, request.user)}
    context = {
        "alarm": shown,
        "site": shown.site,
        "may_acknowledge": "acknowledge" in possible,
        "may_shelve": "shelve" in possible,
        "may_rate": shown.cleared_at and cast(User, request.user).may("equipment.acknowledge", shown.site),
        "acknowledge_form": AcknowledgeForm(auto_id="acknowledge_%s"),
        "shelve_form": shelve_form or ShelveForm(auto_id="shelve_%s"),
    }
    return render(request, "equipment/alarms/alarm.html", context, status=status)


@page("equipment.view")
def definitions(request: HttpRequest) -> HttpResponse:
    """All definitions; an engineer adds one here."""
    user = cast(User, request.user)
    mine = units.units_visible_to(user).filter(site_id__in=user.sites_for("equipment.define_alarm"))
    form, status = NewDefinitionForm(request.POST or None, units=mine), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                services.define_alarm(actor=user, **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                return redirect("equipment:alarm_definitions")
    context = {
        "definitions": definitions_visible_to(user).order_by("-status", "unit__code", "tag", "id"),
        "form": form if user.may_anywhere("equipment.define_alarm") else None,
    }
    return render(request, "equipment/alarms/definitions.html", context, status=status)


@page("equipment.view")
def definition(request: HttpRequest, definition_id: UUID) -> HttpResponse:
    """One definition, to be changed with a reason."""
    user = cast(User, request.user)
    found = definition_for(user, definition_id)
    form, status = ChangeDefinitionForm.of(found, request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                services.change_definition(actor=user, definition=found, **form.cleaned_data)
            except MesError as refusal:
                status = refused(request, refusal)
            else:
                return redirect("equipment:alarm_definitions")
    return _show_definition(request, found, form, status=status)


@require_POST
@page("equipment.define_alarm")
def withdraw(request: HttpRequest, definition_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = definition_for(user, definition_id)
    try:
        services.withdraw_definition(actor=user, definition=found, reason=request.POST.get("reason", ""))
    except MesError as refusal:
        return _show_definition(request, found, ChangeDefinitionForm.of(found), status=refused(request, refusal))
    return redirect("equipment:alarm_definitions")


def _show_definition(
    request: HttpRequest, shown: AlarmDefinition, form: ChangeDefinitionForm, *, status: int
) -> HttpResponse:
    user = cast(User, request.user)
    may = user.may("equipment.define_alarm", shown.site) and shown.status == "in_force"
    context = {
        "definition": shown,
        "site": shown.site,
        "form": form if may else None,
        "withdraw_form": WithdrawForm(auto_id="withdraw_%s") if may and shown.kind == "limit" else None,
    }
    return render(request, "equipment/alarms/definition.html", context, status=status)
