"""Where readings pass: each bundle is judged in the transaction that stores it, so it is judged once and never lost.

Readings in order go on from the stored progress. One that arrives late, older than what is judged already, cannot
change what was known when; its stretch is judged again from the table, and an excursion nobody had seen becomes an
alarm of its own time, marked as late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from equipment.adapters.base import Quality, Reading
from equipment.alarms.judgement import Change, Point, Progress, judge
from equipment.alarms.models import AlarmKind
from equipment.models import Alarm, AlarmDefinition, AlarmProgress, Unit
from equipment.readings import GAP_FACTOR, MESSAGES, Bundle, delivery_lag, last_reading_at
from equipment.services.alarm_definitions import lost_data_definition
from equipment.services.alarms import carry_out, clear_alarm, raise_alarm
from equipment.states import DefinitionStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import system_user

LOOK_BACK = timedelta(days=1)  # how far before a late reading its stretch is judged again at most
_STRETCH = """
SELECT at, value FROM equipment_reading
WHERE unit_id = %s AND tag = %s AND at > %s AND at <= %s AND value IS NOT NULL AND quality <> 'bad' ORDER BY at
"""
_HEARD = """
SELECT unit_id, max(at) FROM equipment_reading
WHERE unit_id = ANY(%s) AND at > %s AND value IS NOT NULL AND quality <> 'bad' GROUP BY unit_id
"""


def judge_readings(bundle: Bundle) -> None:
    """Judge a bundle by every definition in force of its units; call it in the transaction that stored the bundle."""
    _report_losses(bundle)
    points = _points(bundle.rows)
    if not points:
        return
    actor = system_user("gateway")
    with transaction.atomic():
        touched = []
        for definition in _definitions(points):
            progress = getattr(definition, "progress", None) or AlarmProgress(definition=definition)
            _judge(actor, definition, progress, points[definition.unit_id, definition.tag])
            touched.append(progress)
        AlarmProgress.objects.bulk_create(
            touched, update_conflicts=True, unique_fields=["definition"], update_fields=["until", "active", "since"]
        )


def _report_losses(bundle: Bundle) -> None:
    """A device told something we never heard: that is lost data at once, however soon it is heard again (R-067)."""
    lost = {unit_id: each.at for unit_id, each in bundle.rows if each.tag == MESSAGES}
    if not lost:
        return
    silent = Alarm.objects.filter(unit_id__in=lost, kind=AlarmKind.LOST_DATA, cleared_at=None).values("unit_id")
    for unit in Unit.objects.filter(pk__in=lost).exclude(pk__in=silent).select_related("site"):
        if not clock.scale_mark(unit.site):
            _report_silence(unit, lost[unit.pk])


def _points(rows: Iterable[tuple[UUID, Reading]]) -> Mapping[tuple[UUID, str], list[Point]]:
    """What can be judged, by unit and tag, in order of time. A bad reading says nothing."""
    found: dict[tuple[UUID, str], list[Point]] = defaultdict(list)
    for unit_id, each in rows:
        if each.value is not None and each.quality is not Quality.BAD and each.value == each.value:
            found[unit_id, each.tag].append(Point(each.at, each.value))
    return {key: sorted(points, key=lambda point: point.at) for key, points in found.items()}


def _definitions(points: Mapping[tuple[UUID, str], list[Point]]) -> list[AlarmDefinition]:
    units = {unit_id for unit_id, _ in points}
    of_units = AlarmDefinition.objects.filter(unit_id__in=units, kind=AlarmKind.LIMIT, status=DefinitionStatus.IN_FORCE)
    ordered = of_units.select_related("progress").order_by("id").select_for_update(of=("self",))
    return [each for each in ordered if (each.unit_id, each.tag) in points]


def _judge(actor: User, definition: AlarmDefinition, progress: AlarmProgress, points: list[Point]) -> None:
    before = progress.standing
    new = [point for point in points if before.until is None or point.at > before.until]
    late = [point for point in points if before.until is not None and point.at < before.until]
    progress.standing, changes = judge(definition.limits, before, new)
    for change in changes:
        carry_out(actor=actor, definition=definition, change=change)
    if late:
        progress.standing = _judge_again(actor, definition, progress.standing, late[0].at)


def _judge_again(actor: User, definition: AlarmDefinition, now: Progress, first: datetime) -> Progress:
    """Judge the stretch from shortly before a late reading until now; what it shows that was not known is recorded."""
    start = _known_before(definition, first)
    until = now.until or first
    with connection.cursor() as cursor:
        cursor.execute(_STRETCH, [definition.unit_id, definition.tag, start.until, until])
        points = [Point(at, value) for at, value in cursor.fetchall()]
    again, changes = judge(definition.limits, start, points)
    for excursion in _excursions(changes):
        _record_if_unknown(actor, definition, excursion)
    is_active = Alarm.objects.filter(definition=definition, cleared_at=None).exists()
    return again if again.active == is_active else now


def _known_before(definition: AlarmDefinition, moment: datetime) -> Progress:
    """The last time before `moment` at which it is certain whether the alarm was on."""
    earliest = moment - max(LOOK_BACK, 2 * definition.delay)
    last = Alarm.objects.filter(definition=definition, raised_at__lt=moment).order_by("raised_at").last()
    if last is None:
        return Progress(earliest)
    if last.cleared_at is not None and last.cleared_at < moment:
        return Progress(max(last.cleared_at, earliest))
    return Progress(max(last.raised_at, earliest), active=True)


def _excursions(changes: list[Change]) -> list[tuple[Change, Change | None]]:
    """Each raising with the clearing that ended it. A clearing without one belongs to an alarm that is known."""
    found: list[tuple[Change, Change | None]] = []
    for change in changes:
        if change.raised:
            found.append((change, None))
        elif found:
            found[-1] = (found[-1][0], change)
    return found


def _record_if_unknown(actor: User, definition: AlarmDefinition, excursion: tuple[Change, Change | None]) -> None:
    raised, cleared = excursion
    overlapping = Alarm.objects.filter(definition=definition).filter(
        Q(cleared_at=None) | Q(cleared_at__gte=raised.began_at)
    )
    if cleared is not None:
        overlapping = overlapping.filter(began_at__lte=cleared.at)
    if overlapping.exists():
        return
    carry_out(actor=actor, definition=definition, change=raised, is_late=True)
    if cleared is not None:
        carry_out(actor=actor, definition=definition, change=cleared)


def judge_silence(
    units: Iterable[Unit],
    listening_since: Mapping[UUID, datetime],
    answered: Mapping[UUID, datetime],
    now: datetime,
) -> None:
    """Lost data: a connected unit without a usable reading for longer than its value counts as live.

    `listening_since` is when the gateway opened the device: what was before it nobody could have heard. `answered` is
    when units that measure on demand last answered: between two measurements they have nothing to tell.
    """
    watched = {unit.pk: unit for unit in units}
    if not watched:
        return
    patience = _patience(watched)
    silent_for = {
        pk: GAP_FACTOR * delivery_lag(unit.site) + patience.get(pk, timedelta(0)) for pk, unit in watched.items()
    }
    heard = _heard(list(watched), now - max(silent_for.values()))
    heard |= {pk: max(at, heard.get(pk, at)) for pk, at in answered.items()}
    active = {
        alarm.unit_id: alarm
        for alarm in Alarm.objects.filter(
            unit_id__in=watched, kind=AlarmKind.LOST_DATA, cleared_at=None
        ).select_related("unit__site")
    }
    for pk, unit in watched.items():
        last = heard.get(pk)
        is_silent = now - max(last or listening_since[pk], listening_since[pk]) > silent_for[pk]
        if is_silent and pk not in active:
            _report_silence(unit, now)
        elif last is not None and pk in active and last > active[pk].raised_at:
            clear_alarm(actor=system_user("gateway"), alarm=active[pk], cleared_at=last)


def _patience(unit_ids: Iterable[UUID]) -> dict[UUID, timedelta]:
    """What the engineers allow beyond the usual, by unit."""
    own = AlarmDefinition.objects.filter(
        unit_id__in=unit_ids, kind=AlarmKind.LOST_DATA, status=DefinitionStatus.IN_FORCE
    )
    return {each.unit_id: each.delay for each in own}


def _heard(unit_ids: list[UUID], since: datetime) -> dict[UUID, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [unit_ids, since])
        return dict(cursor.fetchall())


def _report_silence(unit: Unit, now: datetime) -> None:
    actor = system_user("gateway")
    with transaction.atomic():
        definition = lost_data_definition(actor=actor, unit=unit)
        last = last_reading_at(unit)
        raise_alarm(actor=actor, definition=definition, began_at=last or now, raised_at=now, value=None)
