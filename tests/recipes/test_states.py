"""Every state × transition × person of a recipe version, from the table itself."""

import pytest

from mes.accounts.models import Site
from mes.errors import WrongState
from recipes import services
from recipes.models import RecipeVersion
from recipes.states import VERSION, VersionStatus
from tests.given import people
from tests.given import recipes as given

CELLS = {(each.name, source): each.target for each in VERSION.transitions for source in each.sources}


def test_every_state_is_reached_and_only_the_last_ones_are_final() -> None:
    reached = {VERSION.initial, *CELLS.values()}
    assert reached == set(VersionStatus.values)
    left = {source for _, source in CELLS}
    assert set(VersionStatus.values) - left == {VersionStatus.SUPERSEDED, VersionStatus.WITHDRAWN}


@pytest.mark.parametrize("state", VersionStatus.values)
@pytest.mark.parametrize("name", VERSION.names)
def test_a_transition_is_possible_from_its_states_and_no_other(name: str, state: str) -> None:
    if (name, state) in CELLS:
        assert VERSION.find(name, state).target == CELLS[name, state]
    else:
        with pytest.raises(WrongState):
            VERSION.find(name, state)


@pytest.mark.django_db
@pytest.mark.req("R-034")
def test_each_person_is_offered_what_they_may_do_and_nobody_their_own_check(site: Site) -> None:
    def offered(version: RecipeVersion) -> dict[str, list[str]]:
        found = {name: VERSION.available(version, people.persona(site, name)) for name in people.PERSONAS}
        named = {name: [each.name for each in moves if each.permission] for name, moves in found.items()}
        return {name: moves for name, moves in named.items() if moves}

    version = given.draft(site)
    assert offered(version) == {"ravi": ["submit"], "rita": ["submit"]}
    version = given.submitted(version)
    check = ["send_back", "review"]
    assert offered(version) == {"ravi": ["send_back"], "rita": check, "quinn": check}
    rita = people.persona(site, "rita")
    version = services.review(actor=rita, version=version, signer=people.signer(rita, "reviewed"))
    assert offered(version) == {
        "ravi": ["send_back"],
        "rita": ["send_back"],
        "quinn": ["send_back", "approve"],
        "petra": ["approve"],
    }
