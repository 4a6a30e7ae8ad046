"""The life of a step: started through its gates, completed over signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batches.errors import Incomplete, LeftBlank, NotTrained, StepBlocked
from batches.judgement import hold_end, hold_window
from batches.models import Step
from batches.policy import VERIFIED
from batches.queries.gates import (
    reasons_step_blocked,
    start_window,
)
from batches.queries.missing import reasons_incomplete
from batches.recorded import read_ahead_with_turn
from batches.services.calculations import compute_if_ready
from batches.services.capture import note_capture
from batches.services.deviations import open_by_rule
from batches.services.elements import command, start_above
from batches.services.finishing import finish, note_late
from batches.services.locks import lock_step
from batches.services.readings import compare_readings
from batches.services.running import require_running
from batches.services.second_person import require_second_person
from batches.services.units import check_units, command_if_bound, default_room
from batches.states import Command, State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import SignatureRefused, WrongState
from mes.phrases import Phrase
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
        note_capture(event, step, "The start")
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
        require_running(step, actor)
        read_ahead_with_turn(step)
        reasons = reasons_incomplete(step)
        if reasons:
            is_blank = any(reason.code == "entry_missing" for reason in reasons)
            words = Phrase("Step {step} is not finished.", step=step)
            raise (LeftBlank if is_blank else Incomplete).by(reasons, words)
        _sign_performed(event, step, actor, signer)
        note_capture(event, step, "The completion")
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
        raise StepBlocked.by(reasons, Phrase("Step {step} cannot start.", step=step))


def _note_late_start(event: Event, step: Step) -> None:
    window = start_window(step)
    at = clock.now(step.site)
    if window is not None and window.too_late(at):
        closed = clock.show(step.site, window.closes)
        found = note_late(event, step, f"{step} started after its window closed at {closed}.")
        open_by_rule(event=event, owner=event.actor, exception=found, title=f"Started late: {step.key}")


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
        raise WrongState(
            Phrase("{step} is {status}.", step=step, status=Phrase(step.get_status_display().lower())),
            state=step.status,
        )
    if step.says.signature not in VERIFIED:
        raise WrongState(Phrase("{step} asks for no second person.", step=step), policy=step.says.signature)
    if not is_signed(step, "performed"):
        raise WrongState("The performer has not signed yet. They sign first.", missing="performed")
    if is_signed(step, "verified") and step.status == State.COMPLETE:
        raise WrongState("The step has been verified.", state=step.status)


def _verify(event: Event, step: Step, verifier: Signer, readings: Mapping[str, str]) -> Exception | None:
    """Put the second signature on the step. Returns, not raises, a disagreement: both readings must be kept."""
    require_second_person(step, verifier)
    step.read_ahead = None  # a blind reading is recorded now
    if step.says.signature == "verified_blind":
        disagreement = compare_readings(event, step, verifier.user, readings)
        if disagreement is not None:
            return disagreement
    sign(event, verifier, subject=step, meaning="verified")
    event.data["verified_by"] = verifier.user.printed_name
    check_units(step, verifier.user)
    if step.status == State.RUNNING:
        finish(step, event=event, verifier=verifier.user)
    return None
