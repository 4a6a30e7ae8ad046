"""Every state table × state × move × person, generated from the tables themselves."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from mes.accounts.models import Site, User
from mes.accounts.rights import PERMISSIONS, RIGHTS, SYSTEM_RIGHTS, Role
from mes.diagrams import machines, page
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event
from mes.state_machine import StateMachine, Transition
from tests.given.people import a_person

TABLES = dict(machines())
CELLS = [
    (name, cell, source) for name, table in TABLES.items() for cell in table.transitions for source in cell.sources
]


@dataclass
class Thing:
    """Something that has a status; stands for the row, so that every state can be set up."""

    status: str
    site: Site
    doers: dict[str, UUID | None] = field(default_factory=dict)
    pk: UUID | None = None
    saved: int = 0

    def __getattr__(self, name: str) -> Any:
        return self.__dict__.get("doers", {}).get(name)

    def save(self, update_fields: list[str]) -> None:
        assert update_fields == ["status"]
        self.saved += 1


def by(actor: User, reason: str = "because") -> Event:
    event = Event(reason=reason)
    event.actor = actor
    return event


def signers(cell: Transition, user: User) -> list[Any]:
    return [SimpleNamespace(user_id=user.id, meaning=meaning) for meaning in cell.signed_as]


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached(name: str) -> None:
    machine = TABLES[name]
    reached = {machine.initial}
    while new := {c.target for c in machine.transitions if reached & set(c.sources)} - reached:
        reached |= new
    assert reached == set(machine.states)


@pytest.mark.parametrize("name", TABLES)
def test_every_right_a_table_asks_for_is_somebodys(name: str) -> None:
    asked = {cell.permission for cell in TABLES[name].transitions} - {""}
    assert asked <= PERMISSIONS | SYSTEM_RIGHTS


@pytest.mark.parametrize("name", TABLES)
def test_every_empty_cell_is_refused_and_an_unknown_move_raises(name: str) -> None:
    machine: StateMachine = TABLES[name]
    full = {(cell.name, source) for cell in machine.transitions for source in cell.sources}
    for move in machine.names:
        for state in machine.states:
            if (move, state) not in full:
                with pytest.raises(WrongState):
                    machine.find(move, state)
    with pytest.raises(InvalidInput):
        machine.find("FLY", machine.initial)


@pytest.mark.django_db
@pytest.mark.req("R-032")
@pytest.mark.parametrize("role", [pytest.param(role, id=role.value) for role in Role])
def test_each_cell_is_open_to_exactly_the_roles_that_hold_its_right(site: Site, role: Role) -> None:
    person = a_person(site, "somebody", role)
    for name, cell, source in CELLS:
        thing = Thing(source, site)
        may = not cell.permission or cell.permission in RIGHTS[role]
        assert (cell in TABLES[name].available(thing, person)) == may, (name, cell)
        if not may:
            with pytest.raises(NotPermitted):
                TABLES[name].move(thing, cell.name, event=by(person), signers=signers(cell, person))
            assert thing.status == source


@pytest.mark.django_db
@pytest.mark.req("R-034")
def test_nobody_moves_what_is_their_own_work(site: Site) -> None:
    doer, other = (a_person(site, name, *_every_gmp_role()) for name in ("doer", "other"))
    guarded = [(name, cell, source) for name, cell, source in CELLS if cell.not_by]
    assert guarded
    for name, cell, source in guarded:
        for attribute in cell.not_by:
            thing = Thing(source, site, {attribute: doer.id})
            assert cell not in TABLES[name].available(thing, doer)
            with pytest.raises(NotPermitted):
                TABLES[name].move(thing, cell.name, event=by(doer), signers=signers(cell, doer))
            if cell.signed_as:
                with pytest.raises(NotPermitted):
                    TABLES[name].move(thing, cell.name, event=by(other), signers=signers(cell, doer))
            if cell.permission in PERMISSIONS:
                TABLES[name].move(thing, cell.name, event=by(other), signers=signers(cell, other))
                assert (thing.status, thing.saved) == (cell.target, 1)


@pytest.mark.django_db
def test_a_move_asks_for_its_reason_and_its_signatures(site: Site) -> None:
    person = a_person(site, "somebody", *_every_gmp_role())
    for name, cell, source in CELLS:
        if cell.permission and not person.may(cell.permission, site):
            continue
        if cell.needs_reason:
            with pytest.raises(InvalidInput, match="reason"):
                TABLES[name].move(Thing(source, site), cell.name, event=by(person, " "), signers=signers(cell, person))
        if cell.signed_as:
            with pytest.raises(SignatureRefused):
                TABLES[name].move(Thing(source, site), cell.name, event=by(person))


def test_the_diagrams_in_the_documentation_are_current() -> None:
    assert (Path(settings.BASE_DIR) / "docs" / "states.md").read_text(encoding="utf-8") == page()


def _every_gmp_role() -> list[Role]:
    return [role for role in Role if role not in {Role.ADMINISTRATOR, Role.SERVICE}]
