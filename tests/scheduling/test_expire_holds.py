"""Holds end by the clock, whoever is awake."""

from datetime import timedelta

import pytest

from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.records.queries import events_of
from scheduling import services, tasks
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def test_only_holds_whose_time_is_over_are_let_go(site: Site) -> None:
    over = given.held_slot(given.order(site), days=30, hold_for=timedelta(microseconds=1))
    given.held_slot(given.order(site), code="SUITE-2")

    assert services.expire_holds(actor=system_user("dispatcher"), site=site) == [over]


def test_the_tick_does_it_as_the_dispatcher(site: Site) -> None:
    slot = given.held_slot(given.order(site), hold_for=timedelta(microseconds=1))

    tasks.expire_holds()

    slot.refresh_from_db()
    assert slot.status == "expired"
    assert events_of(slot).get(action="scheduling.expire_hold").actor_username == "system:dispatcher"


def test_a_confirmed_slot_never_expires(site: Site) -> None:
    given.confirmed_slot(given.order(site))

    assert services.expire_holds(actor=system_user("dispatcher"), site=site) == []
