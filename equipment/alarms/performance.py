"""How the alarms of a month did: too many, of the wrong priority, always the same, answered by nobody, of no use.

Targets after EEMUA 191 and ISA-18.2: about one alarm in ten minutes, more than ten is a flood; 5 % of priority 1, 15 %
of priority 2, 80 % of priority 3; nothing stands for a day, and nothing comes and goes more than three times a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Lag

from equipment.alarms.grouping import FLOOD, FLOOD_WINDOW
from equipment.alarms.models import NO_ALARMS, Priority
from equipment.alarms.queries import called
from equipment.models import Alarm, AlarmDefinition
from equipment.states import OPEN_ALARMS
from mes import server_clock
from mes.accounts.models import User

MONTH = timedelta(days=30)
STALE = timedelta(days=1)
CHATTER, CHATTER_WINDOW = 3, timedelta(minutes=1)
NOISIEST = 10
SHARES = {Priority.P1: 5, Priority.P2: 15, Priority.P3: 80}  # percent, of those three


@dataclass(frozen=True)
class Share:
    priority: Priority
    count: int
    percent: float | None
    target: int | None


@dataclass(frozen=True)
class Noisy:
    """A definition with what people said of its alarms; `chattered` is how many came in quick succession."""

    definition: AlarmDefinition
    count: int
    useful: int
    useless: int
    chattered: int


@dataclass(frozen=True)
class Performance:
    """`rate` is alarms in ten minutes, on average, for each of the `people` who acknowledged any.

    `in_flood` is how many came as the eleventh or later of ten minutes.
    """

    since: datetime
    until: datetime
    total: int
    people: int
    rate: float
    in_flood: int
    shares: list[Share]
    noisiest: list[Noisy]
    stale: list[Alarm]


def performance(user: User) -> Performance:
    """Of the sites a person sees, over the last thirty days of the server's clock."""
    until = server_clock.now()
    since = until - MONTH
    seen = called(user).order_by()
    found = seen.filter(known_at__gt=since)
    stale = seen.filter(status__in=OPEN_ALARMS, known_at__lte=until - STALE)
    total = found.count()
    people = found.exclude(acknowledged_by=None).values("acknowledged_by").distinct().count()
    return Performance(
        since=since,
        until=until,
        total=total,
        people=people,
        rate=total * (FLOOD_WINDOW / MONTH) / max(people, 1),
        in_flood=len(_close_behind(found, "unit__site_id", FLOOD, FLOOD_WINDOW)),
        shares=_shares(found),
        noisiest=_noisiest(found),
        stale=list(stale.order_by("known_at")[:NOISIEST]),
    )


def _shares(found: QuerySet[Alarm]) -> list[Share]:
    counts = dict(found.values_list("priority").annotate(Count("pk")))
    whole = sum(counts.get(priority, 0) for priority in SHARES)
    return [
        Share(
            priority,
            count := counts.get(priority, 0),
            percent=100 * count / whole if whole and priority in SHARES else None,
            target=SHARES.get(priority),
        )
        for priority in Priority
        if priority not in NO_ALARMS
    ]


def _noisiest(found: QuerySet[Alarm]) -> list[Noisy]:
    counted = found.values("definition_id").annotate(
        count=Count("pk"), yes=Count("pk", filter=Q(useful=True)), no=Count("pk", filter=Q(useful=False))
    )
    rows = list(counted.order_by("-count", "definition_id")[:NOISIEST])
    definitions = AlarmDefinition.objects.select_related("unit__site").in_bulk([row["definition_id"] for row in rows])
    chatter = _close_behind(
        found.filter(definition_id__in=definitions.keys()), "definition_id", CHATTER, CHATTER_WINDOW
    )
    return [
        Noisy(definitions[key], row["count"], row["yes"], row["no"], chatter.count(key))
        for key, row in ((row["definition_id"], row) for row in rows)
    ]


def _close_behind(found: QuerySet[Alarm], within: str, number: int, window: timedelta) -> list[object]:
    """Of every alarm that is more than the `number`-th in `window`: what it belongs to."""
    before = Window(Lag("known_at", number), partition_by=F(within), order_by=("known_at", "id"))
    dense = found.annotate(before=before).filter(before__gt=F("known_at") - window)
    return list(dense.values_list(within, flat=True))
