"""What a decision leaves out: steps, decisions with what hangs on them, and whole operations."""

import pytest

from batches import services
from batches.models import Batch
from batches.states import State
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import people

pytestmark = pytest.mark.django_db

BEFORE = "          - id: S090\n"
NESTED = """\
          - id: S081
            kind: decision
            title: Decide how often
            text: Once or twice.
            when: S080 == 'wash'
            decision: {question: "How often?", choices: [once, twice]}
            signature: none
          - {id: S082, kind: instruction, title: Wait, text: Let it stand., when: S081 != 'twice', signature: none}
"""


@pytest.fixture
def batch(site: Site) -> Batch:
    recipe = given.short_recipe(site, given.SHORT.replace(BEFORE, NESTED + BEFORE, 1))
    return given.done_before(given.running_batch(site, recipe=given.trained(recipe)), "S080")


def test_what_hangs_on_a_decision_that_is_left_out_is_left_out(batch: Batch) -> None:
    decided(batch, "no wash")
    assert needed(batch) == [False, False, False]


def test_a_decision_taken_anew_opens_the_path_again(batch: Batch, sven: User) -> None:
    decided(batch, "no wash")
    signer = people.signer(sven, "commanded")
    services.command_step(actor=sven, step=given.step(batch, "S080"), name="RESET", reason="Debris", signer=signer)
    decided(batch, "wash")
    assert needed(batch) == [True, True, True], "what hangs on a decision still to be taken is not left out yet"


OPERATION = """\
      - id: OP099
        name: Wash once more
        day: 0
        steps:
          - {id: S999, kind: instruction, title: Wash, text: Wash it., when: S080 == 'wash', signature: none}
"""


@pytest.mark.req("R-100")
def test_a_batch_is_complete_without_an_operation_that_is_wholly_left_out(site: Site) -> None:
    recipe = given.short_recipe(site, given.QUICK.replace("\ninformation:", f"{OPERATION}\ninformation:"))
    batch = given.done_before(given.running_batch(site, recipe=given.trained(recipe)), "S999")
    assert (batch.status, given.step(batch, "S999").status) == (State.COMPLETE, State.IDLE)


def decided(batch: Batch, choice: str) -> None:
    olga = people.persona(batch.site, "olga")
    services.start_step(actor=olga, step=given.step(batch, "S080"))
    services.decide(actor=olga, step=given.step(batch, "S080"), choice=choice)
    given.signed(given.step(batch, "S080"))


def needed(batch: Batch) -> list[bool]:
    return [given.step(batch, key).needed for key in ("S081", "S082", "S090")]
