"""Calls for a supervisor: made from a step, answered by whoever comes, settled when it is done."""

from __future__ import annotations

from contextlib import AbstractContextManager

from batches import announcements
from batches.errors import AlreadyRecorded
from batches.models import Step, SupervisorCall
from batches.models.calls import PATIENCE
from batches.queries.calls import unsettled_call_of
from batches.queries.gates import room_of
from batches.services.capture import kept_for
from batches.services.locks import lock_step
from batches.states import CALL, CallState
from mes import server_clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.outbox.kinds import Kind
from mes.outbox.services import announce
from mes.records.models import Event
from mes.records.services import act

AT_ONCE = 25


def call_supervisor(*, actor: User, step: Step, reason: str = "") -> SupervisorCall:
    """Ask for a supervisor at this step."""
    require(actor, "batches.execute", step.site)
    with act(
        actor, "batches.call_supervisor", site=step.site, subject=step, batch=step.batch_id, reason=reason
    ) as event:
        step = lock_step(step, from_anywhere=True)  # nobody is kept from calling for help
        if unsettled_call_of(step) is not None:
            raise AlreadyRecorded("A supervisor has been called to this step already.", step=step.key)
        now = server_clock.now()
        call = SupervisorCall.objects.create(
            batch=step.batch,
            step=step,
            room=room_of(step),
            reason=reason,
            called_by=actor,
            called_at=now,
            pressed_at=now - kept_for(),
        )
        _tell(event, call, announcements.CALLED, f"A supervisor is called to step {step.key}")
    return call


def answer_call(*, actor: User, call: SupervisorCall) -> SupervisorCall:
    """Say that one is on the way."""
    with _acting(actor, "answer", call) as event:
        call = _locked(call)
        CALL.move(call, "answer", event=event, answered_by=actor, answered_at=server_clock.now())
    return call


def settle_call(*, actor: User, call: SupervisorCall, outcome: str = "") -> SupervisorCall:
    """Say that what was asked for is done, and what it was."""
    return _end(actor, "settle", call, outcome)


def withdraw_call(*, actor: User, call: SupervisorCall) -> SupervisorCall:
    """Nobody needs to come any more."""
    return _end(actor, "withdraw", call, "")


def escalate_calls(*, actor: User) -> int:
    """Mark and announce the calls nobody has answered in time; how many those were."""
    late = SupervisorCall.objects.filter(
        status=CallState.OPEN, escalated_at=None, called_at__lte=server_clock.now() - PATIENCE
    )
    found = list(late.select_related("batch__site", "step")[:AT_ONCE])
    for call in found:
        _escalate(actor, call)
    return len(found)


def _escalate(actor: User, call: SupervisorCall) -> None:
    with _acting(actor, "escalate", call) as event:
        locked = _locked(call)
        if locked.status != CallState.OPEN or locked.escalated_at is not None:
            return
        locked.escalated_at = server_clock.now()
        locked.save(update_fields=["escalated_at"])
        _tell(event, locked, announcements.UNANSWERED, f"Nobody has answered a call to step {locked.step.key}")


def _end(actor: User, verb: str, call: SupervisorCall, outcome: str) -> SupervisorCall:
    with _acting(actor, verb, call) as event:
        call = _locked(call)
        CALL.move(call, verb, event=event, settled_by=actor, settled_at=server_clock.now(), outcome=outcome)
    return call


def _acting(actor: User, verb: str, call: SupervisorCall) -> AbstractContextManager[Event]:
    batch = call.batch
    return act(actor, f"batches.{verb}_call", site=batch.site, subject=call, batch=batch)


def _locked(call: SupervisorCall) -> SupervisorCall:
    rows = SupervisorCall.objects.select_related("batch__site", "step")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=call.pk)


def _tell(event: Event, call: SupervisorCall, kind: Kind, words: str) -> None:
    """Whoever wants to hear of it outside the house; the reason was typed freely and stays inside."""
    batch = call.batch
    announce(
        kind,
        event=event,
        site=batch.site,
        subject=batch,
        text=f"{words} of batch {batch.number}.",
        path=f"/steps/{call.step_id}/",
        facts={"batch": batch.number, "step": call.step.key},
    )
