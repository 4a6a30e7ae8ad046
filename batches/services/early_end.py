"""The early end of a batch: its material is decided on, its units are made safe, the clinic is told (R-102)."""

from __future__ import annotations

from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, MaterialDisposition, Severity, UnitBinding
from batches.services.exceptions import raise_exception
from batches.services.locks import lock_batch
from batches.states import Command, State
from chain_of_identity.services import set_aside_material, tell_clinic
from chain_of_identity.states import ReleaseStatus
from equipment.models import Command as UnitCommand
from equipment.services import move_to_safety
from equipment.states import CommandStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, Reason, SignatureRefused, WrongState
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer

Decision = MaterialDisposition.Decision
_WORDS = {Command.STOP: "stopped", Command.ABORT: "aborted"}
# What is to be returned or looked at waits in quarantine; what is to be destroyed is never used again.
_STATUS = {
    Decision.QUARANTINE: ReleaseStatus.QUARANTINED,
    Decision.RETURN: ReleaseStatus.QUARANTINED,
    Decision.DISCARD: ReleaseStatus.REJECTED,
}


def decide_on_material(*, actor: User, batch: Batch, decision: str, reason: str, signer: Signer) -> MaterialDisposition:
    """Decide on what is left of a batch that was stopped or aborted, or decide anew."""
    require(actor, "batches.dispose", batch.site)
    if signer.user != actor:
        raise SignatureRefused("You sign your own decision.", meaning="decided")
    with act(actor, "batches.decide_on_material", site=batch.site, subject=batch, batch=batch, reason=reason) as event:
        batch = lock_batch(batch)
        if batch.status not in {State.STOPPED, State.ABORTED}:
            words = f"{batch} is {batch.get_status_display().lower()}: its material is not decided on."
            raise WrongState(words, state=batch.status)
        made = write_disposition(event, batch, decision, signer)
        words = f"The material of batch {batch.number}: {made.get_decision_display().lower()}. Reason: {reason}"
        tell_clinic(event, order=batch.order, title="Material decided on", text=words, batch_id=batch.id)
    return made


def check_disposition(name: str, decision: str) -> None:
    """An abort says in the same breath what becomes of the cells."""
    if name == Command.ABORT and not decision:
        missing = Reason("disposition_missing", "Say what becomes of the material.", "disposition")
        raise Incomplete.by([missing], "Without that a batch is not aborted.")
    if name != Command.ABORT and decision:
        raise InvalidInput("Only an abort decides on the material.", field="disposition")


def end_early(event: Event, batch: Batch, name: str, decision: str, signer: Signer) -> None:
    """Inside the act that stops or aborts a batch, after its command went down the tree."""
    left = ""
    if name == Command.ABORT:
        made = write_disposition(event, batch, decision, signer)
        _make_units_safe(event.actor, batch)
        left = f" Its material: {made.get_decision_display().lower()}."
    tell_clinic(
        event,
        order=batch.order,
        title=f"Batch {_WORDS[Command(name)]}",
        text=f"Batch {batch.number} was {_WORDS[Command(name)]}.{left} Reason: {event.reason}",
        batch_id=batch.id,
    )


def write_disposition(event: Event, batch: Batch, decision: str, signer: Signer) -> MaterialDisposition:
    """Inside an act: the decision, its signature, and what it does to the containers."""
    if decision not in Decision.values:
        raise InvalidInput(f"Nobody decides “{decision}” on material.", field="disposition", known=Decision.values)
    if not event.reason.strip():
        raise InvalidInput("Write why.", field="reason")
    status = _STATUS[Decision(decision)]
    left = set_aside_material(actor=event.actor, order=batch.order, batch_id=batch.id, status=status)
    made = MaterialDisposition.objects.create(
        batch=batch,
        attempt=batch.attempt,
        decision=decision,
        containers=[each.label for each in left],
        reason=event.reason,
        decided_by=event.actor,
        decided_at=clock.now(batch.site),
    )
    sign(event, signer, subject=made, meaning=signer.meaning)
    event.data |= {"disposition": decision, "containers": made.containers}
    return made


def report_unsafe_units(event: Event, batch: Batch) -> None:
    """Inside an act, when the last unit has answered: one that is not known to be safe is looked at by a person."""
    commands = UnitCommand.objects.filter(batch_id=batch.id, to_safety=True).select_related("unit")
    latest = commands.order_by("unit_id", "-requested_at", "-id").distinct("unit_id")
    for command in latest:
        if command.status == CommandStatus.FAILED:
            raise_exception(
                event=event,
                batch=batch,
                kind=ExceptionKind.EQUIPMENT,
                severity=Severity.CRITICAL,
                text=f"{command.unit} did not reach its safe state. {command.failure}",
            )


def _make_units_safe(actor: User, batch: Batch) -> None:
    """Every unit the batch holds for itself; a store that others share is left as it is."""
    bindings = UnitBinding.objects.filter(batch=batch, until__isnull=True).select_related("unit__site", "unit__room")
    for unit in {each.unit_id: each.unit for each in bindings}.values():
        if not unit.page.shared:
            move_to_safety(actor=actor, unit=unit, batch_id=batch.id)
