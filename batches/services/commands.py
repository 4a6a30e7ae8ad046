"""ISA-88 commands to a batch or a step, by people and by rule."""

from __future__ import annotations

from batches.announcements import COMPLETE
from batches.errors import NotStartable
from batches.models import Batch, ExceptionKind, Severity, Step
from batches.queries.gates import reasons_not_startable, reasons_unsettled
from batches.services.early_end import check_disposition, end_early, report_unsafe_units
from batches.services.elements import can_take, command, has_something_to_settle, settle
from batches.services.exceptions import raise_exception
from batches.services.locks import lock_batch, lock_step
from batches.services.telling import tell, tell_command
from batches.services.units import free_units, make_unit_of_step_safe
from batches.states import FINAL, ISA88, Command, State
from chain_of_identity.services import enter_batch
from equipment.terminals.queries import require_terminal
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer

# Nobody is kept from these for want of the right terminal.
INTERRUPTING = (Command.HOLD, Command.STOP, Command.ABORT)
ENDING = (Command.STOP, Command.ABORT)


def command_batch(
    *,
    actor: User,
    batch: Batch,
    name: str,
    reason: str = "",
    disposition: str = "",
    signer: Signer | None = None,
) -> Batch:
    """Command a batch and everything running in it. RESTART and the ways to an end are signed.

    ABORT says what becomes of the material: `disposition` is a MaterialDisposition.Decision.
    """
    _check_signer(actor, signer)
    with act(actor, "batches.command_batch", site=batch.site, subject=batch, batch=batch, reason=reason) as event:
        event.data["command"] = name
        if name not in INTERRUPTING:
            require_terminal(actor, batch.site, lambda: None)
        batch = lock_batch(batch)
        _require_gate(batch, name, actor)
        command(batch, name, event=event, signers=[signer] if signer else [])
        check_disposition(name, disposition)
        if name == Command.START and batch.attempt == 1:
            enter_batch(actor=actor, order=batch.order, batch_id=batch.id, batch_number=batch.number)
        _write_exception(event, batch, None, name)
        if signer:
            sign(event, signer, subject=batch, meaning=signer.meaning)
            if name in ENDING:
                end_early(event, batch, name, disposition, signer)
        settle_by_rule(batch)
        tell_command(event, batch, name)
    return batch


def command_step(*, actor: User, step: Step, name: str, reason: str = "", signer: Signer | None = None) -> Step:
    """Command one step. Its start has gates of its own: see start_step."""
    if name == Command.START:
        raise InvalidInput("A step is started through its gates, not by command.", act=name)
    _check_signer(actor, signer)
    with act(actor, "batches.command_step", site=step.site, subject=step, batch=step.batch_id, reason=reason) as event:
        event.data["command"] = name
        step = lock_step(step, from_anywhere=name in INTERRUPTING)
        _require_open_operation(step, name)
        _require_person(name, actor)
        command(step, name, event=event, signers=[signer] if signer else [])
        _write_exception(event, step.batch, step, name)
        if signer:
            sign(event, signer, subject=step, meaning=signer.meaning)
        if name == Command.ABORT:
            make_unit_of_step_safe(actor, step)
        settle_by_rule(step.batch)
        step.refresh_from_db(fields=["status"])
    return step


def hold_by_rule(batch: Batch, *, reason: str) -> None:
    """Bring a running batch to a safe stop. Only a person restarts it. Joins the caller's act or opens its own."""
    dispatcher = system_user("dispatcher")
    with act(dispatcher, "batches.hold", site=batch.site, subject=batch, batch=batch, reason=reason) as event:
        batch = lock_batch(batch)
        if can_take(batch, Command.HOLD):
            command(batch, Command.HOLD, event=event)
            settle(batch, event=event)
            tell_command(event, batch, Command.HOLD)


def settle_by_rule(batch: Batch) -> None:
    """Automatic moves are the system's, whoever's act made them possible."""
    if not has_something_to_settle(batch):
        return
    dispatcher = system_user("dispatcher")
    with act(dispatcher, "batches.settle", site=batch.site, subject=batch, batch=batch) as event:
        settle(batch, event=event)
        if batch.status in FINAL:
            free_units(batch, event=event)
        if batch.status == State.ABORTED:
            report_unsafe_units(event, batch)
        if batch.status == State.COMPLETE:
            tell(event, batch, COMPLETE)


def _check_signer(actor: User, signer: Signer | None) -> None:
    if signer and (signer.user != actor or signer.meaning != "commanded"):
        raise SignatureRefused("You sign your own command.", meaning="commanded")


def _require_gate(batch: Batch, name: str, actor: User) -> None:
    _require_person(name, actor)
    ISA88.find(name, batch.status)
    if name == Command.START:
        reasons = reasons_not_startable(batch)
        if reasons:
            raise NotStartable.by(reasons, Phrase("{batch} cannot start.", batch=batch))
    if name == Command.RESTART:
        reasons = reasons_unsettled(batch)
        if reasons:
            raise NotStartable.by(reasons, Phrase("{batch} cannot be restarted yet.", batch=batch))


def _require_person(name: str, actor: User) -> None:
    """A patient batch never restarts by itself."""
    if name in {Command.START, Command.RESTART, Command.RESUME} and actor.is_system:
        raise NotPermitted("Only a person starts, resumes or restarts a batch.", rule="person")


def _require_open_operation(step: Step, name: str) -> None:
    """A step is not repeated in what is complete, and does not go on alone in what stands."""
    operation = step.operation
    if name == Command.RESET and operation.status == State.COMPLETE:
        raise WrongState(
            Phrase("{operation} is complete; its steps are not repeated.", operation=operation), state=State.COMPLETE
        )
    if name in {Command.RESUME, Command.RESTART} and operation.status != State.RUNNING:
        status = Phrase(operation.get_status_display().lower())
        raise WrongState(
            Phrase(
                "{operation} is {status}. Let the batch go on, and its steps go on with it.",
                operation=operation,
                status=status,
            ),
            state=status,
        )


def _write_exception(event: Event, batch: Batch, step: Step | None, name: str) -> None:
    """An interruption and a repetition are always looked at by quality (R-088)."""
    what = step or batch
    if name in INTERRUPTING:
        raise_exception(
            event=event,
            batch=batch,
            step=step,
            kind=ExceptionKind.INTERRUPTED,
            severity=Severity.LOW if name == Command.HOLD else Severity.HIGH,
            text=f"{name} of {what}: {event.reason}",
        )
    if name == Command.RESET:
        raise_exception(
            event=event,
            batch=batch,
            step=step,
            kind=ExceptionKind.REPEATED,
            severity=Severity.MEDIUM,
            text=f"Attempt {what.attempt} of {what}: {event.reason}",
        )
