"""The supervisor's view: what is under way, who works on it, what is late, what stands still."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches import services
from batches.models import Batch
from batches.queries.floor import FloorBatch, floor_of
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from tests.given import batches as given
from tests.given import people


def only(user: User) -> FloorBatch:
    (found,) = floor_of(user)
    return found


def test_it_names_the_step_its_person_and_its_room(batch: Batch, sven: User) -> None:
    given.started(batch, "S050")
    found = only(sven)
    assert (found.number, found.status, found.stands, found.is_late) == (batch.number, "RUNNING", False, False)
    assert [(line.action.key, line.performer) for line in found.lines] == [("S050", "Olga Operator")]
    assert "CR-1" in found.rooms


def test_nobody_is_named_where_nobody_has_begun(batch: Batch, sven: User) -> None:
    assert [(line.action.key, line.performer) for line in only(sven).lines] == [("S010", "")]


def test_a_batch_that_stands_comes_before_one_that_runs(batch: Batch, site: Site, sven: User, olga: User) -> None:
    second = given.running_batch(site)
    services.command_batch(actor=olga, batch=second, name="HOLD", reason="A leak")
    assert [(each.number, each.stands) for each in floor_of(sven)] == [(second.number, True), (batch.number, False)]


def test_a_hold_that_nobody_ended_in_time_is_late(batch: Batch, sven: User) -> None:
    given.prepared_or_waiting(given.started(batch, "S120"))
    with given.later(75):
        assert only(sven).is_late


def test_more_batches_need_no_more_queries(batch: Batch, site: Site, sven: User) -> None:
    with CaptureQueriesContext(connection) as few:
        floor_of(sven)
    given.running_batch(site)
    with CaptureQueriesContext(connection) as many:
        assert len(floor_of(sven)) == 2
    assert len(many) <= len(few)


def test_another_site_is_not_their_floor(batch: Batch) -> None:
    assert floor_of(people.a_person(people.a_site("LINZ"), "lisa", Role.SUPERVISOR)) == []
