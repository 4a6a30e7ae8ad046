"""The screen on the wall: which room has what, and what is in none."""

import re
from typing import Any

import pytest
from django.test import Client

from batches.models import Batch
from batches.queries.wall import places
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from tests.given import batches as given
from tests.given import equipment as plant
from tests.given import people

pytestmark = pytest.mark.django_db


def by_room(user: User) -> dict[str, list[str]]:
    return {place.room.code if place.room else "": [each.key for each in place.actions] for place in places(user)}


def test_work_stands_where_its_unit_stands(batch: Batch, site: Site, olga: User) -> None:
    plant.room(site, "CR-9")
    given.started(batch, "S020")
    assert by_room(olga)[""] == ["S020"]
    given.done_before(batch, "S120")
    given.started(batch, "S120")
    found = by_room(olga)
    room = plant.unit(site, "incubator").room.code
    assert found[room] == ["S120"]
    assert found["CR-9"] == []
    assert "" not in found


def test_it_says_when_a_hold_ends(batch: Batch, site: Site, client: Client) -> None:
    given.done_before(batch, "S120")
    step: Any = given.prepared_or_waiting(given.started(batch, "S120"))
    client.force_login(people.persona(site, "olga"), backend="mes.accounts.backend.SessionBackend")
    page = client.get("/wall/").content.decode()
    assert re.search(r"As of \d+ \w{3} \d{4} \d\d:\d\d:\d\d CES?T<", page), "the time of the site, as in the footer"
    assert batch.order.short in page
    assert "ends " in page
    assert step.name in page


def test_a_person_of_another_site_sees_nothing_of_it(batch: Batch, site: Site) -> None:
    elsewhere = people.a_site("LINZ")
    assert places(people.a_person(elsewhere, "lena", Role.OPERATOR)) == []
