"""What a tablet says about its clock, and what is written down when that clock is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.dateparse import parse_datetime

from mes import server_clock
from mes.errors import InvalidInput
from mes.records import current
from mes.records.models import Event
from mes.records.services import act

if TYPE_CHECKING:
    from mes.accounts.models import User

SENT, CAPTURED, APART, STEPS = "Device-Time", "Device-Captured", "Device-Apart", "Device-Steps"
RIGHT_ENOUGH = timedelta(seconds=60)
SAID_AGAIN_AFTER = timedelta(days=1)
SKEW = "records.note_clock_skew"


def device_of(headers: Mapping[str, str]) -> current.Device | None:
    """The clocks in the headers of a call; None when it does not come from a tablet."""
    if SENT not in headers:
        return None
    return current.Device(
        sent_at=_moment(headers, SENT),
        captured_at=_moment(headers, CAPTURED) if CAPTURED in headers else None,
        apart=timedelta(seconds=_count(headers, APART)) if APART in headers else None,
        steps=_count(headers, STEPS),
    )


def note_skew(actor: User, device: current.Device) -> None:
    """Write down that a tablet's clock is wrong: once a day, and again when it has changed."""
    skew = device.sent_at - server_clock.now()
    if abs(skew) <= RIGHT_ENOUGH:
        return
    tablet = current.request.get().tablet
    since = server_clock.now() - SAID_AGAIN_AFTER
    known = Event.objects.filter(actor_id=actor.id, action=SKEW, tablet=tablet, at__gte=since).order_by("at").last()
    if known and abs(skew - timedelta(seconds=known.data["seconds"])) <= RIGHT_ENOUGH:
        return
    with act(actor, SKEW) as event:
        event.data = {"seconds": round(skew.total_seconds()), "device_time": device.sent_at.isoformat()}


def _moment(headers: Mapping[str, str], name: str) -> datetime:
    try:
        found = parse_datetime(headers[name])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(f"{name} is not a time with its zone.", field=name)
    return found


def _count(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "0")
    if not text.isdecimal() or len(text) > 7:
        raise InvalidInput(f"{name} is not a whole number.", field=name)
    return int(text)
