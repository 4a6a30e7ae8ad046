"""What waits for a person on the home page: alarms nobody has acknowledged."""

from django.urls import reverse

from equipment.alarms.grouping import Group
from equipment.alarms.models import Priority
from equipment.alarms.queries import alarms_visible_to, by_cause
from equipment.states import UNSEEN_ALARMS
from mes import clock
from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task
from mes.phrases import Phrase

LONGEST = 6


def panels(user: User) -> list[Panel]:
    if not user.may_anywhere("equipment.acknowledge"):
        return []
    unseen = alarms_visible_to(user).filter(status__in=UNSEEN_ALARMS).order_by("-id")[:200]
    return [
        Panel(
            "Alarms to acknowledge",
            [_task(group) for group in by_cause(unseen)[:LONGEST]],
            empty="Every alarm is acknowledged.",
            url=reverse("equipment:alarms"),
            more="All alarms",
        )
    ]


def _task(group: Group) -> Task:
    alarm = group.worst
    facts = {"priority": Phrase(alarm.get_priority_display()), "at": clock.show(alarm.site, alarm.raised_at)}
    alone = Phrase("{priority}, since {at}", **facts)
    more = Phrase("{priority}, since {at}, and {more} more of this unit", **facts, more=group.more)
    return Task(
        title=Phrase("{code}: {what}", code=alarm.unit.code, what=alarm.what),
        detail=more if group.more else alone,
        url=reverse("equipment:alarm", args=[alarm.id]),
        action="Open alarm",
        rank=Rank.STOPPED if alarm.priority == Priority.P1 else Rank.READY,
        state="late" if alarm.escalation else "",
        state_words="Nobody acknowledged in time" if alarm.escalation else "",
    )
