"""States are data: tables of transitions that buttons, API answers, diagrams and tests all read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.phrases import Phrase

if TYPE_CHECKING:
    from mes.records.models import Event


class Signed(Protocol):
    """What a move needs to know of a signer (mes.records.signing.Signer)."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def meaning(self) -> str: ...


@dataclass(frozen=True)
class Transition:
    """One row of a table. `permission` "" is a system move; `not_by` names attributes that hold user ids."""

    name: str
    sources: tuple[str, ...]
    target: str
    permission: str = ""
    signed_as: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    needs_reason: bool = False


class StateMachine:
    """Executes a table. Only `move` assigns `.status`."""

    def __init__(self, *transitions: Transition, initial: str) -> None:
        self.transitions = transitions
        self.initial = initial
        self._cells = {(each.name, source): each for each in transitions for source in each.sources}
        self.names = tuple(dict.fromkeys(each.name for each in transitions))
        self.states = tuple(
            dict.fromkeys([initial, *(s for each in transitions for s in (*each.sources, each.target))])
        )

    def find(self, name: str, state: str) -> Transition:
        """The cell of the table. WrongState when it is empty; InvalidInput for a name no table has."""
        if name not in self.names:
            raise InvalidInput(Phrase("There is no act “{name}”.", name=name), act=name, known=list(self.names))
        cell = self._cells.get((name, state))
        if cell is None:
            raise WrongState(
                Phrase("“{name}” is not possible while {state}.", name=name, state=Phrase(state.lower())),
                act=name,
                state=state,
            )
        return cell

    def available(self, obj: Any, actor: Any) -> list[Transition]:
        """The moves this person could make now, signatures and reasons apart."""
        cells = (cell for cell in self.transitions if obj.status in cell.sources)
        return [cell for cell in cells if _permits(cell, obj, actor) and actor.id not in _excluded(cell, obj)]

    def move(self, obj: Any, name: str, *, event: "Event", signers: Sequence[Signed] = (), **facts: Any) -> Transition:
        """Check the cell, the person, the signatures and the reason; then assign and save the status in this event.

        `facts` are attributes that change with the status: one version of the record, one line of its history.
        """
        cell = self.find(name, obj.status)
        _check_person(cell, obj, event.actor, signers)
        if cell.needs_reason and not event.reason.strip():
            raise InvalidInput(Phrase("“{name}” needs a reason.", name=name), act=name, field="reason")
        event.record_move(obj, name, obj.status, cell.target)
        for attribute, value in {"status": cell.target, **facts}.items():
            setattr(obj, attribute, value)
        obj.save(update_fields=["status", *facts])
        return cell


def _permits(cell: Transition, obj: Any, actor: Any) -> bool:
    return not cell.permission or actor.may(cell.permission, obj.site)


def _excluded(cell: Transition, obj: Any) -> set[UUID]:
    """The user ids that may not make this move: the doer of the work that is judged here."""
    return {user_id for name in cell.not_by for user_id in _user_ids(getattr(obj, name))}


def _user_ids(value: Any) -> Iterable[UUID]:
    found = value() if callable(value) else value
    if found is None:
        return ()
    return (found,) if isinstance(found, UUID) else found


def _check_person(cell: Transition, obj: Any, actor: Any, signers: Sequence[Signed]) -> None:
    if not _permits(cell, obj, actor):
        raise NotPermitted(
            Phrase("“{name}” needs the right {permission}.", name=cell.name, permission=cell.permission),
            permission=cell.permission,
        )
    people = {actor.id, *(signer.user_id for signer in signers)}
    if people & _excluded(cell, obj):
        raise NotPermitted("Nobody may judge or verify their own work.", act=cell.name, rule="not_own_work")
    missing = set(cell.signed_as) - {signer.meaning for signer in signers}
    if missing:
        raise SignatureRefused(
            Phrase("“{name}” must be signed: {missing}.", name=cell.name, missing=", ".join(sorted(missing))),
            meanings=sorted(missing),
        )
