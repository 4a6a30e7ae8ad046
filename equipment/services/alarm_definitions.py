"""Defining what calls for an alarm. A limit changes only under the right to do so, with a reason (R-118)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from equipment.alarms.models import NO_ALARMS, OWNERS, RESPOND_WITHIN, AlarmKind, Priority
from equipment.errors import AlarmWithoutResponse, AlreadyKnown
from equipment.models import Alarm, AlarmDefinition, Unit
from equipment.services.alarms import clear_alarm
from equipment.states import ALARM_DEFINITION, DefinitionStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require, system_user
from mes.accounts.rights import Role
from mes.errors import InvalidInput
from mes.records.services import act

CHANGEABLE = frozenset(
    {"low", "high", "deadband", "delay_seconds", "priority", "consequence", "response", "respond_minutes", "owner"}
    | {"comment_required"}
)
LOST_DATA: dict[str, Any] = {
    "consequence": "Nobody sees what this unit does, and no limit of it is judged.",
    "response": "Look at the unit itself, write its values by hand every 15 minutes, call the equipment engineer.",
    "priority": Priority.DIAG,
    "respond_minutes": 15,
    "delay_seconds": 0,
}


def define_alarm(
    *,
    actor: User,
    unit: Unit,
    tag: str = "",
    kind: str = AlarmKind.LIMIT,
    low: Decimal | None = None,
    high: Decimal | None = None,
    deadband: Decimal = Decimal(0),
    delay_seconds: int = 10,
    priority: str,
    consequence: str,
    response: str,
    respond_minutes: int,
    owner: str = Role.OPERATOR,
    comment_required: bool = False,
) -> AlarmDefinition:
    """A condition, what it means and what to do. AlarmWithoutResponse when nobody needs to do anything (ISA-18.2)."""
    require(actor, "equipment.define_alarm", unit.site)
    definition = AlarmDefinition(
        unit=unit,
        tag=tag,
        kind=kind,
        low=low,
        high=high,
        deadband=deadband,
        delay_seconds=delay_seconds,
        priority=priority,
        consequence=consequence.strip(),
        response=response.strip(),
        respond_minutes=respond_minutes,
        owner=owner,
        comment_required=comment_required,
    )
    _check(definition)
    with act(actor, "equipment.define_alarm", site=unit.site, subject=definition):
        if kind == AlarmKind.LOST_DATA and _in_force(unit, kind).exists():
            raise AlreadyKnown(f"{unit} has a definition for lost data already.", unit=unit.code)
        definition.save(force_insert=True)
    return definition


def change_definition(*, actor: User, definition: AlarmDefinition, reason: str, **facts: Any) -> AlarmDefinition:
    """New limits, priority or words. Alarms that were raised keep what they were raised by."""
    require(actor, "equipment.define_alarm", definition.site)
    unknown = sorted(set(facts) - set(CHANGEABLE))
    if unknown:
        raise InvalidInput(f"This is not changed: {', '.join(unknown)}.", fields=unknown)
    if not reason.strip():
        raise InvalidInput("Say why the alarm is changed.", field="reason")
    with act(
        actor, "equipment.change_alarm_definition", site=definition.site, subject=definition, reason=reason
    ) as event:
        locked = _lock(definition)
        if locked.status != DefinitionStatus.IN_FORCE:
            raise InvalidInput("What was withdrawn is not changed. Define a new alarm.", status=locked.status)
        for name, value in facts.items():
            setattr(locked, name, value.strip() if isinstance(value, str) else value)
        _check(locked)
        locked.save(update_fields=list(facts))
        event.data["changed"] = sorted(facts)
    return locked


def withdraw_definition(*, actor: User, definition: AlarmDefinition, reason: str) -> AlarmDefinition:
    """No alarm of this kind any more. One that is active ends with it, and waits for its acknowledgement.

    A connected unit is always watched for silence: that definition may be changed, not withdrawn.
    """
    if definition.kind == AlarmKind.LOST_DATA:
        raise InvalidInput(
            "Every connected unit is watched for lost data. Change its words or its delay.", field="kind"
        )
    with act(
        actor, "equipment.withdraw_alarm_definition", site=definition.site, subject=definition, reason=reason
    ) as event:
        locked = _lock(definition)
        ALARM_DEFINITION.move(locked, "withdraw", event=event)
        for alarm in Alarm.objects.filter(definition=locked, cleared_at=None).select_related("unit__site"):
            now = max(clock.now(locked.site), alarm.raised_at)
            clear_alarm(actor=system_user("gateway"), alarm=alarm, cleared_at=now, reason=reason)
    return locked


def lost_data_definition(*, actor: User, unit: Unit) -> AlarmDefinition:
    """The unit's definition of lost data. Every connected unit has one; made with usual words when first needed."""
    known = _in_force(unit, AlarmKind.LOST_DATA).select_related("unit__site").first()
    return known or define_alarm(actor=actor, unit=unit, kind=AlarmKind.LOST_DATA, **LOST_DATA)


def _in_force(unit: Unit, kind: str) -> Any:
    return AlarmDefinition.objects.filter(unit=unit, kind=kind, status=DefinitionStatus.IN_FORCE)


def _check(definition: AlarmDefinition) -> None:
    _check_words(definition)
    if definition.kind == AlarmKind.LIMIT:
        _check_limits(definition)
    elif definition.priority in NO_ALARMS:
        raise InvalidInput("That nobody sees what a unit does is always an alarm.", field="priority")
    elif definition.tag or definition.low is not None or definition.high is not None:
        raise InvalidInput("Lost data is of the whole unit and has no limits.", field="tag")


def _check_words(definition: AlarmDefinition) -> None:
    if not definition.response and definition.priority != Priority.EVENT:
        raise AlarmWithoutResponse(
            "Say what a person does when this alarm comes. What nobody needs to respond to is no alarm: make it an "
            "event, which is only recorded, or a prompt, which asks and never sounds.",
            field="response",
            instead=[each.value for each in NO_ALARMS],
        )
    if not definition.consequence:
        raise InvalidInput("Say what happens when nobody responds.", field="consequence")
    _check_priority(definition)
    if definition.delay_seconds < 0:
        raise InvalidInput("A delay does not run backwards.", field="delay_seconds")


def _check_priority(definition: AlarmDefinition) -> None:
    """Priority is consequence by time: what may wait longer than its priority allows has a lower one."""
    if definition.priority not in Priority.values:
        raise InvalidInput("There is no such priority.", field="priority", known=Priority.values)
    priority = Priority(definition.priority)
    longest = RESPOND_WITHIN[priority] // timedelta(minutes=1)
    if not 1 <= definition.respond_minutes <= longest:
        text = f"{priority.label} is for what somebody must do within {longest} minutes."
        raise InvalidInput(f"{text} Say how many, or choose another.", field="respond_minutes", longest=longest)
    if definition.owner not in dict(OWNERS):
        raise InvalidInput("Nobody of this role can acknowledge an alarm.", field="owner", known=list(dict(OWNERS)))


def _check_limits(definition: AlarmDefinition) -> None:
    low, high, deadband = definition.low, definition.high, definition.deadband
    if definition.unit.page.tag(definition.tag) is None:
        known = [each.name for each in definition.unit.page.tags]
        raise InvalidInput(f"{definition.unit} has no tag “{definition.tag}”.", field="tag", known=known)
    if low is None and high is None:
        raise InvalidInput("An alarm has a low limit, a high limit or both.", field="high")
    if deadband < 0:
        raise InvalidInput("A deadband is not negative.", field="deadband")
    if low is not None and high is not None and low + deadband > high - deadband:
        raise InvalidInput("Between the limits is no place that is back to normal.", field="deadband")


def _lock(definition: AlarmDefinition) -> AlarmDefinition:
    return AlarmDefinition.objects.select_for_update(of=("self",)).select_related("unit__site").get(pk=definition.pk)
