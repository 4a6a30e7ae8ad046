from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from batches import services
from batches.errors import AlreadyRecorded
from batches.models import Batch, Step
from batches.queries.run import run_screen
from chain_of_identity.errors import PatientMismatch
from chain_of_identity.models import Container
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, MesError
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The cells are to be moved next."""
    with floor_at("S060") as batch:
        yield batch


@pytest.fixture
def step(batch: Batch, olga: User) -> Step:
    step = given.started(batch, "S060")
    services.scan_for_step(actor=olga, step=step, code=identity_given.bag_of(batch.order).label)
    return step


def transfer(step: Step, actor: User, **facts: Any) -> list[Container]:
    facts = {"volumes_ml": [Decimal(90)]} | facts
    return services.transfer_material(actor=actor, step=step, **facts)


def test_the_scanned_bag_is_emptied_into_a_new_one_of_the_same_chain(step: Step, olga: User) -> None:
    [made] = transfer(step, olga)
    assert made.order_id == step.batch.order_id
    assert made.batch_id == step.batch_id
    assert identity_given.bag_of(step.batch.order).status == "emptied"
    assert step.transfers.get().transformation.step_id == step.id
    shown = run_screen(given.step(step.batch, step.key), olga)["transfer"]
    assert shown["filled"] == [{"label": made.label, "volume": "90\u202fmL"}]


def test_material_of_another_patient_is_refused(step: Step, olga: User, site: Site) -> None:
    other = identity_given.bag_of(identity_given.received_order(site))
    ours = identity_given.bag_of(step.batch.order)
    with pytest.raises(PatientMismatch):
        transfer(step, olga, sources=[ours.label, other.label])
    with pytest.raises(MesError):
        transfer(step, olga, sources=[other.label])


def test_is_done_once(step: Step, olga: User) -> None:
    transfer(step, olga)
    with pytest.raises(AlreadyRecorded):
        transfer(step, olga)


def test_makes_as_many_containers_as_the_recipe_says(step: Step, olga: User) -> None:
    with pytest.raises(InvalidInput):
        transfer(step, olga, volumes_ml=[Decimal(40), Decimal(40)])
