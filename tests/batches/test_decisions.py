from collections.abc import Iterator
from uuid import UUID

import pytest

from batches import services
from batches.errors import AlreadyRecorded
from batches.models import Batch
from batches.queries.run import run_screen
from batches.states import State
from mes.accounts.models import User
from mes.errors import InvalidInput
from tests.batches.conftest import FloorAt
from tests.given import batches as given


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The decision comes next."""
    with floor_at("S080") as batch:
        yield batch


def test_the_path_not_taken_is_not_needed(batch: Batch) -> None:
    given.done_before(batch, "S100")
    skipped = given.step(batch, "S090")
    assert (skipped.needed, skipped.status) == (False, State.IDLE)


def test_the_path_taken_is_done(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S080")
    services.decide(actor=olga, step=step, choice="wash", reason="Debris")
    given.signed(given.step(batch, "S080"))
    assert given.step(batch, "S090").needed
    assert services.start_step(actor=olga, step=given.step(batch, "S090")).status == State.RUNNING


def test_a_path_is_chosen_once(batch: Batch, olga: User, sven: User) -> None:
    step = given.started(batch, "S080")
    services.decide(actor=olga, step=step, choice="wash", reason="Debris")
    with pytest.raises(AlreadyRecorded):
        services.decide(actor=sven, step=step, choice="no wash")


def test_refuses_what_is_no_choice(batch: Batch, olga: User) -> None:
    step = given.started(batch, "S080")
    with pytest.raises(InvalidInput):
        services.decide(actor=olga, step=step, choice="perhaps")


def test_a_step_that_fell_away_is_not_counted(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S100")
    last = run_screen(given.step(batch, "S180"), olga)
    assert last["position"] == last["of"] == 17
