"""Reads about alarms: what a person may see, the one to look at first, whether there is a flood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from equipment.alarms.grouping import FLOOD, FLOOD_WINDOW, SAME_CAUSE, Group, grouped
from equipment.alarms.models import NO_ALARMS, Priority
from equipment.models import Alarm, AlarmDefinition, Room
from equipment.readings import sampling_interval
from equipment.states import AlarmStatus
from mes import server_clock
from mes.accounts.models import User

MOST = 200
FILTERS = {
    "site": "unit__site__code",
    "unit": "unit__code",
    "status": "status",
    "priority": "priority",
    "batch_id": "batch_ids__contains",
}


def alarms_visible_to(user: User) -> QuerySet[Alarm]:
    visible = Alarm.objects.filter(unit__site_id__in=user.sites_for("equipment.view"))
    return visible.select_related("unit__site", "acknowledged_by", "shelved_by")


def called(user: User) -> QuerySet[Alarm]:
    """What people were called for: no prompts, no events."""
    return alarms_visible_to(user).exclude(priority__in=NO_ALARMS)


def definitions_visible_to(user: User) -> QuerySet[AlarmDefinition]:
    visible = AlarmDefinition.objects.filter(unit__site_id__in=user.sites_for("equipment.view"))
    return visible.select_related("unit__site")


def narrowed(alarms: QuerySet[Alarm], wanted: Mapping[str, str]) -> QuerySet[Alarm]:
    """By site, unit, state, priority and batch; what is not asked for does not narrow."""
    for name, field in FILTERS.items():
        if value := wanted.get(name):
            alarms = alarms.filter(**{field: [value] if name == "batch_id" else value})
    return alarms


def is_flood(user: User) -> bool:
    """More than ten alarms in ten minutes: nobody reads them one by one."""
    recent = called(user).filter(known_at__gt=server_clock.now() - FLOOD_WINDOW).order_by()
    return recent[: FLOOD + 1].count() > FLOOD


def by_cause(alarms: Iterable[Alarm]) -> list[Group]:
    """Groups of one cause. Where a clock runs fast, two readings lie further apart than a minute."""
    found = list(alarms)
    within = max((sampling_interval(each.site) for each in found), default=timedelta(0))
    return grouped(found, max(SAME_CAUSE, within))


@dataclass(frozen=True)
class Strip:
    """The one alarm to look at first, how many stand behind it, and what to sound for."""

    group: Group | None
    others: int
    sound: str
    checked_at: datetime

    @property
    def alarm(self) -> Alarm | None:
        return self.group.worst if self.group else None


def strip_of(user: User, batch_id: UUID | None = None) -> Strip:
    """The highest alarm nobody has acknowledged; among equals the one of the batch in hand comes first.

    Who works on a batch sees the alarms of others only where they answer for them or stand in the same room.
    """
    unseen = alarms_visible_to(user).filter(status__in=(AlarmStatus.NEW, AlarmStatus.BACK)).order_by("-id")
    causes = by_cause(_concerning(unseen, user, batch_id)[:MOST])
    groups = sorted(causes, key=lambda group: (group.worst.rank, not _is_of(group, batch_id)))
    loud = max((alarm for group in groups for alarm in group.members if _is_loud(alarm)), key=_newest, default=None)
    return Strip(
        group=groups[0] if groups else None,
        others=sum(len(group.members) for group in groups[1:]),
        sound=str(loud.id) if loud else "",
        checked_at=server_clock.now(),
    )


def _concerning(alarms: QuerySet[Alarm], user: User, batch_id: UUID | None) -> list[Alarm]:
    if batch_id is None:
        return list(alarms)
    here = Room.objects.filter(pk=OuterRef("unit__room_id"), batch_id=batch_id)
    return [
        alarm
        for alarm in alarms.annotate(is_here=Exists(here))
        if not alarm.batch_ids
        or batch_id in alarm.batch_ids
        or alarm.is_here
        or alarm.owner in user.roles_at(alarm.site)
    ]


def _is_of(group: Group, batch_id: UUID | None) -> bool:
    return any(batch_id in alarm.batch_ids for alarm in group.members)


def _is_loud(alarm: Alarm) -> bool:
    return alarm.priority == Priority.P1 and alarm.status == AlarmStatus.NEW


def _newest(alarm: Alarm) -> datetime:
    return alarm.known_at
