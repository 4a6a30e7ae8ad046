"""Every state of a lot × every move × whoever may make it; read from the table."""

from typing import Any

import pytest

from materials.models import Lot
from materials.states import LOT, LotStatus
from mes.accounts.models import Site, User
from mes.errors import WrongState

ALLOWED = {
    ("release", "quarantined"): "released",
    ("reject", "quarantined"): "rejected",
    ("recall", "released"): "rejected",
    ("recall", "expired"): "rejected",
    ("expire", "released"): "expired",
}


@pytest.mark.parametrize("state", LotStatus.values)
@pytest.mark.parametrize("name", LOT.names)
def test_every_cell_of_the_table(name: Any, state: Any) -> None:
    if (name, state) in ALLOWED:
        assert LOT.find(name, state).target == ALLOWED[name, state]
    else:
        with pytest.raises(WrongState):
            LOT.find(name, state)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "moves"),
    [
        ("quinn", {"release", "reject"}),
        ("petra", {"release", "reject"}),
        ("olga", set()),
        ("logan", set()),
        ("anna", set()),
        ("sam", set()),
    ],
)
def test_who_may_do_what_with_a_lot_in_quarantine(site: Site, request: Any, who: Any, moves: Any) -> None:
    lot = Lot(site=site, status=LotStatus.QUARANTINED, received_by=User())
    person = request.getfixturevalue(who)

    assert {move.name for move in LOT.available(lot, person) if move.permission} == moves
