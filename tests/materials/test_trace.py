"""From a lot to every batch it touched, and back."""

from typing import Any
from uuid import uuid4

import pytest

from materials.queries import batches_touched_by, lots_used_in
from mes.accounts.models import Site, User
from tests.given import materials as given

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-146")]


def test_a_batch_lists_every_lot_that_went_into_it_in_order(site: Site, olga: User) -> None:
    batch = uuid4()
    medium, serum = given.released_lot(site, "TEXMACS"), given.released_lot(site, "HS-AB")
    given.used(medium, by=olga, batch_id=batch)
    given.used(serum, by=olga, batch_id=batch)
    given.used(medium, by=olga)

    assert [use.lot for use in lots_used_in(batch)] == [medium, serum]


def test_a_lot_lists_every_batch_it_touched_and_no_other(site: Site, olga: User) -> None:
    first, second = uuid4(), uuid4()
    lot, other = given.released_lot(site, "TEXMACS"), given.released_lot(site, "HS-AB")
    for batch in (first, second, first):
        given.used(lot, by=olga, batch_id=batch)
    given.used(other, by=olga)

    touched = batches_touched_by(lot)

    assert [(each.batch_id, len(each.uses)) for each in touched] == [(first, 2), (second, 1)]


def test_tracing_takes_two_queries_whatever_was_used(site: Site, olga: User, django_assert_num_queries: Any) -> None:
    lot = given.released_lot(site, "TEXMACS")
    for _ in range(3):
        given.used(lot, by=olga, quantity="1")

    with django_assert_num_queries(2):
        assert len(batches_touched_by(lot)) == 3
