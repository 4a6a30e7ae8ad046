"""What a person can do next, over all batches that run."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from batches import services
from batches.models import Batch
from batches.queries import next_actions, work
from mes.accounts.models import User
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import people


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The culture comes next."""
    with floor_at("S120") as batch:
        yield batch


def waiting(user: User) -> dict[str, str]:
    return {each.key: each.waits_for for each in next_actions(user)}


def test_the_step_that_comes_next_waits_to_be_started(batch: Batch, olga: User) -> None:
    assert waiting(olga) == {"S120": "start"}


def test_a_hold_waits_for_time_and_nobody_else(batch: Batch, olga: User) -> None:
    given.prepared_or_waiting(given.started(batch, "S120"))
    assert waiting(olga) == {"S120": "time"}


def test_a_batch_finds_its_own_however_many_others_run(
    batch: Batch, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_MOST", 0)
    assert next_actions(olga) == []
    monkeypatch.setattr(work, "AT_MOST", 1)
    assert [each.key for each in next_actions(olga, batch_id=batch.id)] == ["S120"]


def test_among_all_batches_a_parallel_group_shows_its_first_few_and_of_its_own_all(
    batch: Batch, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 1)
    given.started(batch, "S120")
    with given.later(61):
        given.done_before(batch, "S130")
        own = f"/api/v1/next-actions?batch={batch.id}"
        assert list(waiting(olga)) == ["S130"]
        assert [each["key"] for each in people.client_of(olga).get(own).json()] == ["S130", "S140"]
        services.start_step(actor=olga, step=given.step(batch, "S140"))
        assert list(waiting(olga)) == ["S130", "S140"]


def test_a_batch_that_is_none_is_refused_by_name(olga: User) -> None:
    answer = people.client_of(olga).get("/api/v1/next-actions?batch=GRAZ")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert "batch" in str(answer.json())
