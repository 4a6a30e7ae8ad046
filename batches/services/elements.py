"""Commands go down the procedural tree, states come up. Used inside an act, with the batch locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from batches.models import Batch, Operation, Redline, Step, UnitProcedure
from batches.states import FINAL, ISA88, STATE_COMPLETE, TRANSIENT, Command, RedlineState, State
from equipment.models import Command as UnitCommand
from mes import clock
from mes.errors import WrongState
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.signing import Signer

Element = Batch | UnitProcedure | Operation | Step


def command(element: Element, name: str, *, event: Event, signers: Sequence[Signer] = (), **facts: Any) -> None:
    """Send a command to an element and to everything below it that can take it. `facts` are written with its state."""
    times = _new_attempt(element) if name == Command.RESET else _times(element, name)
    ISA88.move(element, name, event=event, signers=signers, **(times | facts))
    if name != Command.START:  # what is below is started in the order of the recipe
        for child in children_of(element):
            if can_take(child, name):
                command(child, name, event=event, signers=signers)


def can_take(element: Element, name: str) -> bool:
    """Is the cell of the table filled?"""
    return any(each.name == name and element.status in each.sources for each in ISA88.transitions)


def start_above(step: Step, *, event: Event) -> None:
    """The first step of an operation starts the operation, its first operation the unit procedure."""
    for parent in (step.operation.unit_procedure, step.operation):
        if parent.status == State.IDLE:
            command(parent, Command.START, event=event)
        if parent.status != State.RUNNING:
            raise WrongState(
                Phrase("{parent} is {status}.", parent=parent, status=Phrase(parent.get_status_display().lower())),
                state=parent.status,
            )


def complete(element: Element, *, event: Event, **facts: Any) -> None:
    """The logic of a running element has ended."""
    ISA88.move(element, STATE_COMPLETE, event=event, **(_times(element, STATE_COMPLETE) | facts))


def was_last_of_its_operation(step: Step) -> bool:
    """Only then can the end of a step move anything above it."""
    return not Step.objects.open().filter(operation=step.operation_id).exists()


def settle(batch: Batch, *, event: Event) -> None:
    """Let every element whose state has ended move on, from the steps up to the batch."""
    for element in _moving(batch):
        if _has_ended(element):
            complete(element, event=event)


def has_something_to_settle(batch: Batch) -> bool:
    """Is there an element whose state has ended? Asked first, so that a tick leaves no empty event."""
    return any(_has_ended(element) for element in _moving(batch))


def _moving(batch: Batch) -> Iterator[Element]:
    """What may move by itself, leaves first; each level is read when the one below has settled."""
    states = (*TRANSIENT, State.RUNNING)
    steps = Step.objects.filter(batch=batch, status__in=TRANSIENT)
    yield from _of(batch, steps.select_related("operation__unit_procedure"))
    yield from _of(batch, Operation.objects.filter(batch=batch, status__in=states))
    yield from _of(batch, UnitProcedure.objects.filter(batch=batch, status__in=states))
    if batch.status in states:
        yield batch


def _of(batch: Batch, found: Iterable[UnitProcedure | Operation | Step]) -> Iterator[Element]:
    for element in found:
        element.batch = batch
        yield element


def _has_ended(element: Element) -> bool:
    if isinstance(element, Step):
        # The step leaves its state when its unit has done, or failed, what it was told.
        return not UnitCommand.objects.open().filter(step_id=element.id).exists()
    children = list(children_of(element))
    if element.status == State.RUNNING:
        return bool(children) and all(_is_done(child) for child in children) and not _may_grow(element)
    if any(child.status in TRANSIENT for child in children):
        return False
    return not (isinstance(element, Batch) and element.status == State.ABORTING and _waits_for_safety(element))


def _may_grow(element: Element) -> bool:
    """A redline that was to be waited for may add a step to it yet."""
    waiting = Redline.objects.filter(waits=True, status=RedlineState.PROPOSED)
    return isinstance(element, Operation) and waiting.filter(after__operation=element).exists()


def _waits_for_safety(batch: Batch) -> bool:
    """An aborted batch keeps its units until each is safe, or has failed to be and a person looks."""
    return UnitCommand.objects.open().filter(batch_id=batch.id, to_safety=True).exists()


def _is_done(child: Element) -> bool:
    """What is wholly left out never starts, and nobody waits for it."""
    return child.status == State.COMPLETE or (child.status == State.IDLE and not _is_required(child))


def _is_required(child: Element) -> bool:
    if isinstance(child, Step):
        return child.needed
    mine = {"operation": child} if isinstance(child, Operation) else {"operation__unit_procedure": child}
    return Step.objects.filter(**mine, needed=True).exists()


def children_of(element: Element) -> Iterator[Element]:
    """The elements one level down, in order, sharing the batch object of their parent."""
    if isinstance(element, Step):
        return
    batch = element if isinstance(element, Batch) else element.batch
    for child in element.children():
        child.batch = batch
        yield child


def _times(element: Element, move: str) -> dict[str, Any]:
    """When this move begins or ends the element's work."""
    target = ISA88.find(move, element.status).target
    now = clock.now(element.site)
    if target == State.RUNNING and element.started_at is None:
        return {"started_at": now}
    return {"ended_at": now} if target in FINAL else {}


def _new_attempt(element: Element) -> dict[str, Any]:
    """A new attempt begins empty; what was recorded keeps the number of the attempt it belongs to."""
    empty = ["started_at", "ended_at"]
    if isinstance(element, Step):
        empty += ["performer", "room", "not_before", "late_after", "due_at"]
    return {"attempt": element.attempt + 1} | dict.fromkeys(empty)
