"""Alarms by cause: those of one unit that came within a minute of the first one are one thing to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equipment.alarms.models import Alarm

SAME_CAUSE = timedelta(seconds=60)
FLOOD_WINDOW = timedelta(minutes=10)
FLOOD = 10  # more than this in the window, and the list folds (EEMUA 191)


@dataclass(frozen=True)
class Group:
    """One cause, its alarms in order of time."""

    members: tuple[Alarm, ...]

    @property
    def first_out(self) -> Alarm:
        return self.members[0]

    @property
    def worst(self) -> Alarm:
        """The one of the highest priority; of these the first."""
        return min(self.members, key=lambda alarm: alarm.rank)

    @property
    def more(self) -> int:
        return len(self.members) - 1


def grouped(alarms: Iterable[Alarm], within: timedelta = SAME_CAUSE) -> list[Group]:
    """The alarms by cause: highest priority first, then the oldest."""
    open_groups: dict[object, list[Alarm]] = {}
    groups: list[list[Alarm]] = []
    for alarm in sorted(alarms, key=lambda each: (each.raised_at, each.id)):
        group = open_groups.get(alarm.unit_id)
        if group is None or alarm.raised_at - group[0].raised_at > within:
            group = open_groups[alarm.unit_id] = []
            groups.append(group)
        group.append(alarm)
    found = [Group(tuple(group)) for group in groups]
    return sorted(found, key=lambda group: (group.worst.rank, group.first_out.raised_at))
