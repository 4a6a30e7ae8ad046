"""Every cell of every table: possible for who has the right, and for nobody else; impossible cells refuse."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.state_machine import StateMachine, Transition
from qc_release import states

TABLES = {name: table for name, table in vars(states).items() if isinstance(table, StateMachine)}
CELLS = [
    pytest.param(table, cell, source, id=f"{name}-{cell.name}-{source}")
    for name, table in TABLES.items()
    for cell in table.transitions
    for source in cell.sources
]
EMPTY = [
    pytest.param(table, name, state, id=f"{label}-{name}-{state}")
    for label, table in TABLES.items()
    for name in table.names
    for state in table.states
    if not any(cell.name == name and state in cell.sources for cell in table.transitions)
]


class Person(SimpleNamespace):
    id: UUID

    def may(self, permission: str, site: Any) -> bool:
        return permission in self.rights


def subject(cell: Transition, state: str, *, excluded: UUID | None = None) -> Any:
    facts = {name: {excluded} if excluded else set() for name in cell.not_by}
    return SimpleNamespace(status=state, site=None, pk=None, save=lambda **_: None, **facts)


def event(actor: Person, *, reason: str = "because") -> Any:
    return SimpleNamespace(actor=actor, reason=reason, record_move=lambda *_: None)


def signers(cell: Transition, user_id: UUID) -> list[Any]:
    return [SimpleNamespace(user_id=user_id, meaning=meaning) for meaning in cell.signed_as]


@pytest.mark.parametrize(("table", "cell", "source"), CELLS)
def test_the_right_person_moves_it(table: StateMachine, cell: Transition, source: str) -> None:
    person = Person(id=uuid4(), rights={cell.permission})
    thing = subject(cell, source)
    table.move(thing, cell.name, event=event(person), signers=signers(cell, person.id))
    assert thing.status == cell.target


@pytest.mark.parametrize(("table", "cell", "source"), CELLS)
def test_without_right_signature_reason_or_distance_nobody_moves_it(
    table: StateMachine, cell: Transition, source: str
) -> None:
    person = Person(id=uuid4(), rights={cell.permission})
    signed = signers(cell, person.id)
    if cell.permission:
        with pytest.raises(NotPermitted):
            table.move(subject(cell, source), cell.name, event=event(Person(id=uuid4(), rights=set())), signers=signed)
    if cell.not_by:
        with pytest.raises(NotPermitted):
            own = subject(cell, source, excluded=person.id)
            table.move(own, cell.name, event=event(person), signers=signed)
    if cell.signed_as:
        with pytest.raises(SignatureRefused):
            table.move(subject(cell, source), cell.name, event=event(person), signers=[])
    if cell.needs_reason:
        with pytest.raises(InvalidInput):
            table.move(subject(cell, source), cell.name, event=event(person, reason=" "), signers=signed)


@pytest.mark.parametrize(("table", "name", "state"), EMPTY)
def test_an_empty_cell_refuses(table: StateMachine, name: str, state: str) -> None:
    with pytest.raises(WrongState):
        table.find(name, state)


@pytest.mark.req("R-163")
def test_every_decision_needs_a_right_that_only_the_quality_unit_has_and_excludes_who_made_the_batch() -> None:
    from mes.accounts.rights import RIGHTS, SYSTEM_RIGHTS, Role

    quality = {Role.QA_REVIEWER, Role.QUALIFIED_PERSON}
    for cell in states.DISPOSITION.transitions:
        assert {role for role in Role if cell.permission in RIGHTS[role]} == quality
        assert cell.permission not in SYSTEM_RIGHTS
        assert cell.not_by == ("performer_ids",)
        assert cell.signed_as


@pytest.mark.parametrize("decision", sorted(states.MOVES))
def test_each_decision_has_one_meaning(decision: str) -> None:
    meanings = {cell.signed_as[0] for cell in states.DISPOSITION.transitions if cell.target == decision}
    assert meanings == {states.meaning_of(decision)}
