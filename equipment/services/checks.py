"""Acts on commissioning checks: asked for by a person, carried out and reported by the gateway."""

from __future__ import annotations

from django.db import connection

from equipment.commissioning import Line, overall
from equipment.errors import CannotBeChecked
from equipment.models import Check, CheckReport, Unit
from equipment.queries import reasons_not_to_check
from equipment.services.commands import CHANNEL
from equipment.services.units import lock
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.records.services import act


def request_check(*, actor: User, unit: Unit) -> Check:
    """Ask the gateway to check a unit that nobody uses; CannotBeChecked tells why not. Twice is once."""
    require(actor, "equipment.check", unit.site)
    with act(actor, "equipment.request_check", site=unit.site, subject=unit) as event:
        locked = lock(unit)
        reasons = reasons_not_to_check(locked)
        if reasons:
            raise CannotBeChecked.by(reasons, f"{locked} cannot be checked.")
        waiting = locked.checks.open().first()
        if waiting is not None:
            return waiting
        check = Check.objects.create(unit=locked, requested_by=actor, requested_at=clock.now(unit.site))
        event.data["check"] = str(check.id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, unit.site.code])
    return check


def report_check(*, actor: User, check: Check, lines: list[Line]) -> CheckReport:
    """What was expected and what was found, line by line. It is written once and stays."""
    unit = check.unit
    outcome = overall(lines)
    with act(actor, "equipment.report_check", site=unit.site, subject=unit) as event:
        event.data |= {"check": str(check.id), "outcome": outcome}
        return CheckReport.objects.create(
            check_of=check,
            outcome=outcome,
            lines=[line.as_json() for line in lines],
            carried_out_at=clock.now(unit.site),
        )
