"""Alarms as a site has them: defined by ravi, raised by readings that pass the gateway."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from equipment import services
from equipment.adapters.base import Reading
from equipment.alarms.telemetry import judge_silence
from equipment.gateway.site import take_in
from equipment.models import Alarm, AlarmDefinition, Unit
from equipment.readings import Bundle
from mes import clock
from tests.given import people

USUAL: dict[str, Any] = {
    "tag": "temperature",
    "low": "36",
    "high": "38",
    "delay_seconds": 20,
    "deadband": "0.2",
    "priority": "p1",
    "consequence": "Cells stop growing within 20 min.",
    "response": "Move the bag to INC-4, scan both.",
    "respond_minutes": 10,
}


def definition(unit: Unit, **facts: Any) -> AlarmDefinition:
    given = USUAL | facts
    for name in ("low", "high", "deadband"):
        given[name] = None if given[name] is None else Decimal(given[name])
    return services.define_alarm(actor=people.persona(unit.site, "ravi"), unit=unit, **given)


def measured(unit: Unit, *values: float | None, tag: str = "temperature", start: datetime, every: int = 10) -> None:
    """Readings pass the gateway in one bundle; None is a reading the device did not give."""
    moments = [start + timedelta(seconds=every * number) for number in range(len(values))]
    pairs = [(at, value) for at, value in zip(moments, values, strict=True) if value is not None]
    take_in(Bundle(uuid4(), [(unit.pk, Reading(tag, value, at, at)) for at, value in pairs]))


def raised(unit: Unit, *, start: datetime | None = None, **facts: Any) -> Alarm:
    """A new alarm of the unit's temperature: 39 °C for half a minute."""
    made = AlarmDefinition.objects.filter(unit=unit, tag="temperature").first() or definition(unit, **facts)
    measured(unit, 39, 39, 39, 39, start=start or clock.now(unit.site) - timedelta(seconds=30))
    return Alarm.objects.select_related("unit__site").filter(definition=made).latest("raised_at")


def silent(unit: Unit) -> Alarm:
    """Nothing was heard of the unit for ten minutes."""
    now = clock.now(unit.site)
    judge_silence([unit], {unit.pk: now - timedelta(minutes=10)}, {}, now)
    return Alarm.objects.select_related("unit__site").get(unit=unit, kind="lost_data", cleared_at=None)


def heard_again(alarm: Alarm) -> Alarm:
    unit, now = alarm.unit, clock.now(alarm.site)
    measured(unit, 37, start=now)
    judge_silence([unit], {unit.pk: now}, {}, now)
    return again(alarm)


def back_to_normal(alarm: Alarm) -> Alarm:
    measured(alarm.unit, 37, 37, 37, start=alarm.raised_at + timedelta(seconds=30))
    return again(alarm)


def again(alarm: Alarm) -> Alarm:
    return Alarm.objects.select_related("unit__site").get(pk=alarm.pk)


def acknowledged(alarm: Alarm, *, by: str = "olga", comment: str = "") -> Alarm:
    person = people.persona(alarm.site, by)
    signer = people.signer(person, services.ACKNOWLEDGED, site=alarm.site) if alarm.needs_signature else None
    services.acknowledge_alarm(actor=person, alarm=alarm, comment=comment, signer=signer)
    return again(alarm)


def shelved(alarm: Alarm, *, by: str = "sven", minutes: int = 60, reason: str = "Door being repaired") -> Alarm:
    until = timezone.now() + timedelta(minutes=minutes)
    services.shelve_alarm(actor=people.persona(alarm.site, by), alarm=alarm, until=until, reason=reason)
    return again(alarm)
