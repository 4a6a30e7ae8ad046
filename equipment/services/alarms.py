"""What people and readings do to an alarm. Readings raise and clear it; people acknowledge and shelve it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from equipment.alarms.judgement import Change
from equipment.alarms.membership import occupants
from equipment.alarms.models import ESCALATE_AFTER, Priority
from equipment.models import Alarm, AlarmDefinition
from equipment.states import ALARM, AlarmStatus
from mes import server_clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, SignatureRefused, WrongState
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer

LONGEST_SHELF = timedelta(hours=12)  # one shift
LAST_ESCALATION = 2
ACKNOWLEDGED = "acknowledged"  # the meaning of the signature


def raise_alarm(
    *,
    actor: User,
    definition: AlarmDefinition,
    began_at: datetime,
    raised_at: datetime,
    value: float | None,
    is_late: bool = False,
) -> Alarm:
    """A condition is met. It belongs to whoever is in the unit; a shelf of the same definition covers it."""
    unit = definition.unit
    inside = list(occupants(unit, began_at, raised_at))
    now = server_clock.now()
    alarm = Alarm(
        definition=definition,
        unit=unit,
        kind=definition.kind,
        tag=definition.tag,
        label=definition.label,
        measured_in=definition.measured_in,
        value=value,
        low=definition.low,
        high=definition.high,
        priority=definition.priority,
        consequence=definition.consequence,
        response=definition.response,
        respond_minutes=definition.respond_minutes,
        owner=definition.owner,
        comment_required=definition.comment_required,
        batch_ids=list(dict.fromkeys(each.batch_id for each in inside)),
        coi_ids=list(dict.fromkeys(each.coi_id for each in inside)),
        is_late=is_late,
        began_at=began_at,
        raised_at=raised_at,
        known_at=now,
        escalate_at=_escalation(definition.priority, now),
    )
    with act(actor, "equipment.raise_alarm", site=unit.site, subject=alarm, batch=_batch_of(alarm)) as event:
        shelf = Alarm.objects.filter(definition=definition, status=AlarmStatus.SHELVED, shelved_until__gt=now).last()
        alarm.save(force_insert=True)
        if alarm.is_event:
            ALARM.move(alarm, "log", event=event)
        elif shelf is not None:
            _put_on(alarm, shelf, event)
    return alarm


def _escalation(priority: str, since: datetime) -> datetime | None:
    """A prompt and an event call nobody."""
    wait = ESCALATE_AFTER.get(Priority(priority))
    return since + wait if wait else None


def _put_on(alarm: Alarm, shelf: Alarm, event: Event) -> None:
    ALARM.move(
        alarm,
        "stay_shelved",
        event=event,
        shelved_by=shelf.shelved_by,
        shelved_until=shelf.shelved_until,
        shelf_reason=shelf.shelf_reason,
        escalate_at=None,
    )


def clear_alarm(*, actor: User, alarm: Alarm, cleared_at: datetime, reason: str = "") -> Alarm:
    """The condition is over. Nobody has acknowledged? Then the alarm stays, back to normal."""
    with act(
        actor, "equipment.clear_alarm", site=alarm.site, subject=alarm, batch=_batch_of(alarm), reason=reason
    ) as event:
        locked = _lock(alarm)
        ALARM.move(locked, "clear", event=event, cleared_at=cleared_at)
    return locked


def carry_out(*, actor: User, definition: AlarmDefinition, change: Change, is_late: bool = False) -> None:
    """Turn a judgement into a record."""
    if change.raised:
        raise_alarm(
            actor=actor,
            definition=definition,
            began_at=change.began_at,
            raised_at=change.at,
            value=change.value,
            is_late=is_late,
        )
    else:
        active = Alarm.objects.filter(definition=definition, cleared_at=None).select_related("unit__site").first()
        if active is not None:
            clear_alarm(actor=actor, alarm=active, cleared_at=change.at)


def acknowledge_alarm(*, actor: User, alarm: Alarm, comment: str = "", signer: Signer | None = None) -> Alarm:
    """Somebody has seen it and acts on it. It is not solved by that: only readings clear an alarm (R-116).

    Priority 1 is signed: SignatureRefused without a signer.
    """
    require(actor, "equipment.acknowledge", alarm.site)
    if alarm.needs_signature and signer is None:
        raise SignatureRefused("Priority 1 is acknowledged with your PIN or password.", meaning=ACKNOWLEDGED)
    if alarm.comment_required and not comment.strip():
        raise InvalidInput("Say what you found and did: this alarm asks for a comment.", field="comment")
    with act(
        actor, "equipment.acknowledge_alarm", site=alarm.site, subject=alarm, batch=_batch_of(alarm), reason=comment
    ) as event:
        locked = _lock(alarm)
        if signer is not None:
            sign(event, signer, subject=locked, meaning=ACKNOWLEDGED)
        ALARM.move(
            locked,
            "acknowledge",
            event=event,
            acknowledged_by=actor,
            acknowledged_at=server_clock.now(),
            comment=comment.strip(),
            escalate_at=None,
        )
    return locked


def shelve_alarm(*, actor: User, alarm: Alarm, until: datetime, reason: str) -> Alarm:
    """Quiet until a time of the server's clock, at most a shift ahead, with a reason; it ends by itself (R-118)."""
    require(actor, "equipment.shelve", alarm.site)
    now = server_clock.now()
    if not now < until <= now + LONGEST_SHELF:
        hours = LONGEST_SHELF // timedelta(hours=1)
        raise InvalidInput(
            Phrase("An alarm is shelved until a time within the next {hours} hours.", hours=hours), field="until"
        )
    with act(
        actor,
        "equipment.shelve_alarm",
        site=alarm.site,
        subject=alarm,
        batch=_batch_of(alarm),
        reason=reason,
        data={"until": until.isoformat()},
    ) as event:
        locked = _lock(alarm)
        ALARM.move(
            locked,
            "shelve",
            event=event,
            shelved_by=actor,
            shelved_until=until,
            shelf_reason=reason.strip(),
            escalate_at=None,
        )
    return locked


def rate_alarm(*, actor: User, alarm: Alarm, useful: bool) -> Alarm:
    """Was it worth an alarm? Said once the condition is over, by who may acknowledge; the last word counts."""
    require(actor, "equipment.acknowledge", alarm.site)
    data = {"useful": useful}
    with act(actor, "equipment.rate_alarm", site=alarm.site, subject=alarm, batch=_batch_of(alarm), data=data):
        locked = _lock(alarm)
        if locked.cleared_at is None:
            raise WrongState("An alarm is rated once it is back to normal.", status=locked.status)
        locked.useful = useful
        locked.save(update_fields=["useful"])
    return locked


def end_shelf(*, actor: User, alarm: Alarm) -> Alarm:
    """The time of the shelf is over: the alarm is new again, or back to normal, and waits for a person."""
    with act(actor, "equipment.end_shelf", site=alarm.site, subject=alarm, batch=_batch_of(alarm)) as event:
        locked = _lock(alarm)
        move = "return" if locked.cleared_at is None else "return_to_normal"
        facts: dict[str, Any] = {
            "shelved_until": None,
            "acknowledged_by": None,
            "acknowledged_at": None,
            "escalation": 0,
            "escalate_at": _escalation(locked.priority, server_clock.now()),
        }
        ALARM.move(locked, move, event=event, **facts)
    return locked


def escalate_alarm(*, actor: User, alarm: Alarm) -> Alarm:
    """Nobody acknowledged in time: first the supervisor is told, then everybody who may act."""
    with act(actor, "equipment.escalate_alarm", site=alarm.site, subject=alarm, batch=_batch_of(alarm)) as event:
        locked = _lock(alarm)
        locked.escalation += 1
        wait = ESCALATE_AFTER[Priority(locked.priority)] * 1.5
        locked.escalate_at = server_clock.now() + wait if locked.escalation < LAST_ESCALATION else None
        locked.save(update_fields=["escalation", "escalate_at"])
        event.data["escalation"] = locked.escalation
    return locked


def look_after_alarms(*, actor: User) -> int:
    """End the shelves whose time is over and escalate what nobody acknowledged; how many alarms that were."""
    now = server_clock.now()
    shelved = Alarm.objects.filter(status=AlarmStatus.SHELVED, shelved_until__lte=now)
    unseen = Alarm.objects.unseen().filter(escalate_at__lte=now)
    ended = _each_once(shelved, lambda alarm: end_shelf(actor=actor, alarm=alarm))
    return ended + _each_once(unseen, lambda alarm: escalate_alarm(actor=actor, alarm=alarm))


def _each_once(due: QuerySet[Alarm], work: Callable[[Alarm], object]) -> int:
    """Another worker may be at it: what it holds is left to it, and looked at again under the lock."""
    done = 0
    for alarm_id in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            free = due.select_for_update(skip_locked=True, of=("self",)).select_related("unit__site")
            alarm = free.filter(pk=alarm_id).first()
            if alarm is not None:
                work(alarm)
                done += 1
    return done


def _batch_of(alarm: Alarm) -> object:
    return alarm.batch_ids[0] if len(alarm.batch_ids) == 1 else None


def _lock(alarm: Alarm) -> Alarm:
    return Alarm.objects.select_for_update(of=("self",)).select_related("unit__site", "definition").get(pk=alarm.pk)
