"""Carrying out commissioning checks, by the process that holds the connections: no second one is opened beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from equipment import services
from equipment.adapters.base import Adapter, DeviceUnreachable, Reading
from equipment.adapters.file_drop import FileDrop
from equipment.commissioning import Line, Outcome, look_over, try_safe_state
from equipment.files.commissioning import look_over_folder
from equipment.gateway.speaking import speaking_to
from equipment.models import Check, Unit
from equipment.queries import reasons_not_to_check
from equipment.readings import delivery_lag
from equipment.services.files import MOST_BYTES
from equipment.services.units import lock
from mes import server_clock
from mes.accounts.models import Site, User

# How long to wait for a value of every tag: a device is read every ten seconds.
PATIENCE = timedelta(seconds=15)
Newest = Mapping[str, Mapping[str, Reading]]


def carry_out_checks(*, actor: User, site: Site, adapters: Mapping[str, Adapter], newest: Newest) -> None:
    """Report every open check of the site whose unit has been read. One that was broken off is carried out again."""
    waiting = Check.objects.open().filter(unit__site=site).select_related("unit__site")
    for check in waiting:
        read = _given_now(check, newest.get(check.unit.code, {}))
        adapter = adapters.get(check.unit.code)
        if _is_ready(check, adapter, read) or server_clock.now() >= check.at + PATIENCE:
            _carry_out(actor, check, adapter, read)


def _given_now(check: Check, newest: Mapping[str, Reading]) -> dict[str, Reading]:
    since = check.requested_at - delivery_lag(check.site)
    return {tag: reading for tag, reading in newest.items() if reading.received_at >= since}


def _is_ready(check: Check, adapter: Adapter | None, read: Mapping[str, Reading]) -> bool:
    """A unit that was connected a moment ago is opened within seconds; a folder has nothing that is read."""
    if adapter is None:
        return not check.unit.adapter
    return isinstance(adapter, FileDrop) or all(tag.name in read for tag in check.unit.page.tags)


def _carry_out(actor: User, check: Check, adapter: Adapter | None, read: Mapping[str, Reading]) -> None:
    """The unit is locked meanwhile: no batch gets into it while a state is tried."""
    with transaction.atomic():
        unit = lock(check.unit)
        reasons = reasons_not_to_check(unit)
        if adapter is None:
            lines = [Line("Connection", "open", f"{unit} is not connected.", Outcome.FAILED)]
        elif reasons:
            told = " ".join(reason.message for reason in reasons)
            lines = [Line("Unit", "not in use", told, Outcome.FAILED)]
        else:
            lines = _looked_at(unit, adapter, read, check)
        services.report_check(actor=actor, check=check, lines=lines)


def _looked_at(unit: Unit, adapter: Adapter, read: Mapping[str, Reading], check: Check) -> list[Line]:
    try:
        with speaking_to(unit.code):
            if isinstance(adapter, FileDrop):
                return look_over_folder(adapter, most_bytes=MOST_BYTES)
            return [*look_over(adapter, unit.page, read), *try_safe_state(adapter, unit.page, check.id)]
    except DeviceUnreachable as error:
        return [Line("Connection", "answers", str(error), Outcome.FAILED)]
