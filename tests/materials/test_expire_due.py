"""The clock takes released lots out of use."""

from typing import Any

import pytest

from materials import services, tasks
from materials.queries import reasons_unusable
from mes import clock
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.quantities import Quantity, parse_decimal
from tests.given import materials as given

pytestmark = pytest.mark.django_db


def expire(site: Site) -> Any:
    return services.expire_due(actor=system_user("dispatcher"), site=site)


def test_marks_only_what_is_due(site: Site) -> None:
    due = given.released_lot(site, "TEXMACS", days=1)
    given.released_lot(site, "HS-AB", days=30)

    with given.days_later(2):
        assert expire(site) == [due]

    due.refresh_from_db()
    assert due.status == "expired"


def test_does_nothing_the_second_time(site: Site) -> None:
    given.released_lot(site, "TEXMACS", days=1)

    with given.days_later(2):
        expire(site)
        assert expire(site) == []


def test_the_tick_does_it_as_the_dispatcher(site: Site) -> None:
    lot = given.released_lot(site, "TEXMACS", days=1)

    with given.days_later(2):
        tasks.expire_due()

    last = lot.history.select_related("history_event").latest()
    assert (last.status, last.history_event.actor_username) == ("expired", "system:dispatcher")


@pytest.mark.req("R-090")
def test_a_lot_past_its_date_is_unusable_before_the_tick_has_marked_it(site: Site) -> None:
    lot = given.released_lot(site, "TEXMACS", days=1)

    with given.days_later(2):
        reasons = reasons_unusable(
            lot,
            material_code="TEXMACS",
            quantity=Quantity(parse_decimal("1"), "mL"),
            at=clock.now(site),
        )

    assert [reason.code for reason in reasons] == ["lot_expired"]
