"""The life of a step: started through its gates, completed over signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batches.errors import Incomplete, NotTrained, StepBlocked
from batches.judgement import hold_end, hold_window
from batches.models import Step
from batches.policy import VERIFIED
from batches.queries.gates import (
    reasons_not_trained,
    reasons_step_blocked,
    start_window,
)
from batches.queries.missing import reasons_incomplete
from batches.recorded import read_ahead
from batches.services.calculations import compute_if_ready
from batches.services.elements import command, start_above
from batches.services.finishing import finish, note_late
from batches.services.locks import lock_step
from batches.services.readings import compare_readings
from batches.services.running import require_running
from batches.services.units import command_if_bound, default_room
from batches.states import Command, State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event
from mes.records.queries import is_signed
from mes.records.services import act, sign
from mes.records.signing import Signer


def start_step(*, actor: User, step: Step, tablet: str = "") -> Step:
    """Start a step when no gate is closed. Being late is allowed, and an exception."""
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.start_step", site=step.site, subject=step, batch=step.batch_id, tablet=tablet) as event:
        step = lock_step(step)
        _require_open_gates(step, actor)
        _note_late_start(event, step)
        start_above(step, event=event)
        command(step, Command.START, event=event, **_prepared(step, actor))
        compute_if_ready(step, event=event)
        command_if_bound(actor, step)
    return step


def complete_step(
    *,
    actor: User,
    step: Step,
    signer: Signer | None = None,
    verifier: Signer | None = None,
    readings: Mapping[str, str] | None = None,
) -> Step:
    """Sign a step as performed, with everything the recipe asks for in it.

    A step that a second person verifies is complete only with their signature: given here, or later by verify_step.
    """
    require(actor, "batches.execute", step.site)
    disagreement = None
    with act(actor, "batches.complete_step", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_running(step)
        read_ahead([step])
        reasons = reasons_incomplete(step)
        if reasons:
            raise Incomplete.by(reasons, f"Step {step} is not finished.")
        _sign_performed(event, step, actor, signer)
        step.read_ahead = None
        if step.says.signature not in VERIFIED:
            finish(step, event=event)
        elif verifier is not None:
            disagreement = _verify(event, step, verifier, readings or {})
    if disagreement is not None:
        raise disagreement
    return step


def verify_step(*, actor: User, step: Step, verifier: Signer, readings: Mapping[str, str] | None = None) -> Step:
    """The second person's signature, after the performer's (R-052). A blind one enters the values again."""
    with act(actor, "batches.verify_step", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        _require_verifiable(step)
        disagreement = _verify(event, step, verifier, readings or {})
    if disagreement is not None:
        raise disagreement
    return step


def _require_open_gates(step: Step, actor: User) -> None:
    reasons = reasons_step_blocked(step, actor)
    untrained = [reason for reason in reasons if reason.code == "training"]
    if untrained:
        raise NotTrained(untrained[0].message, reasons=[vars(reason) for reason in untrained])
    if reasons:
        raise StepBlocked.by(reasons, f"Step {step} cannot start.")


def _note_late_start(event: Event, step: Step) -> None:
    window = start_window(step)
    at = clock.now(step.site)
    if window is not None and window.too_late(at):
        closed = clock.show(step.site, window.closes)
        note_late(event, step, f"{step} started after its window closed at {closed}.")


def _prepared(step: Step, actor: User) -> dict[str, Any]:
    """Who works in the step, since when and where, and until when it must not and should not end."""
    started_at = clock.now(step.site)
    facts: dict[str, Any] = {"started_at": started_at, "performer": actor, "room": default_room(step)}
    hold = step.says.hold
    if hold is None:
        return facts
    window = hold_window(started_at, hold.minutes, hold.tolerance_minutes)
    due_at = hold_end(started_at, hold.minutes)
    return facts | {"not_before": window.opens, "late_after": window.closes, "due_at": due_at}


def _sign_performed(event: Event, step: Step, actor: User, signer: Signer | None) -> None:
    if step.says.signature == "none":
        return
    if signer is None or signer.meaning != "performed" or signer.user != actor:
        raise SignatureRefused("This step is signed by the person who did it.", meaning="performed")
    if step.says.signature in VERIFIED and is_signed(step, "performed"):
        raise WrongState("The step is signed and waits for the second person.", state=step.status)
    sign(event, signer, subject=step, meaning="performed")


def _require_verifiable(step: Step) -> None:
    if step.status not in {State.RUNNING, State.COMPLETE}:
        raise WrongState(f"{step} is {step.get_status_display().lower()}.", state=step.status)
    if step.says.signature not in VERIFIED:
        raise WrongState(f"{step} asks for no second person.", policy=step.says.signature)
    if not is_signed(step, "performed"):
        raise WrongState("The performer has not signed yet.", missing="performed")
    if is_signed(step, "verified") and step.status == State.COMPLETE:
        raise WrongState("The step has been verified.", state=step.status)


def _verify(event: Event, step: Step, verifier: Signer, readings: Mapping[str, str]) -> Exception | None:
    """Put the second signature on the step. Returns, not raises, a disagreement: both readings must be kept."""
    _require_second_person(step, verifier)
    if step.says.signature == "verified_blind":
        disagreement = compare_readings(event, step, verifier.user, readings)
        if disagreement is not None:
            return disagreement
    sign(event, verifier, subject=step, meaning="verified")
    event.data["verified_by"] = verifier.user.printed_name
    if step.status == State.RUNNING:
        finish(step, event=event, verifier=verifier.user)
    return None


def _require_second_person(step: Step, verifier: Signer) -> None:
    require(verifier.user, "batches.verify", step.site)
    if verifier.meaning != "verified":
        raise SignatureRefused("The second person signs as “verified”.", meaning="verified")
    if verifier.user_id in step.performer_ids():
        raise NotPermitted("Nobody verifies their own work.", rule="not_own_work")
    untrained = reasons_not_trained(step.batch, verifier.user, clock.now(step.site))
    if untrained:
        raise NotTrained(untrained[0].message)
