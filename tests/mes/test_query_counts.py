"""No page and no call asks the database more often because there is more to show."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.matrix import Call, calls, pages
from tests.given.people import OFFICE, a_person, persona
from tests.given.world import World, a_world, ids_for

USUAL = 12
# Who shows more than usual says here how many queries that takes. Four of them find out who is asking.
MORE = {
    "/": 45,
    "/accounts/<user_id>/": 18,
    "/api/v1/batches/<batch_id>/record": 37,
    "/api/v1/batches/<batch_id>/review": 45,
    "/api/v1/orders/<order_id>/chain-report": 15,
    "/api/v1/orders/<order_id>/chain-report.pdf": 16,
    "/api/v1/orders/<order_id>/journey": 15,
    "/api/v1/steps/<step_id>": 19,
    "/batches/<batch_id>/": 19,
    "/batches/<batch_id>/record/": 38,
    "/batches/<batch_id>/release/": 46,
    "/batches/<batch_id>/review/": 53,
    "/batches/<batch_id>/review/<kind>/": 47,
    "/deviations/<deviation_id>/": 13,
    "/equipment/units/<unit_id>/": 17,
    "/floor/": 17,
    "/orders/<order_id>/": 30,
    "/orders/<order_id>/label-accounts/": 16,
    "/planner/slots/<slot_id>": 14,
    "/redlines/<redline_id>/": 13,
    "/samples/<sample_id>/tests/<test_id>/": 13,
    "/steps/<step_id>/": 23,
}


@pytest.mark.django_db
def test_more_rows_need_no_more_queries(world: World, site: Site) -> None:
    insider = a_person(site, "insider", *[role for role in Role if role is not Role.ADMINISTRATOR])
    browser, office = _browser_of(insider), _browser_of(persona(site, "anna"))

    def counted() -> dict[str, int]:
        """Time stands still, so that no session is prolonged in between."""
        with time_machine.travel(timezone.now(), tick=False):
            for client in (browser, office):
                client.get("/api/v1/me")
            return {
                call.path: _count(office if call.permission in OFFICE else browser, call, world)
                for call in [*calls(), *pages()]
                if call.method == "get"
            }

    counted()  # whatever the process keeps from one request to the next is kept now
    few = counted()
    a_world(site)
    many = counted()
    assert {path: (few[path], number) for path, number in many.items() if number > few[path]} == {}
    assert {path: number for path, number in many.items() if number > MORE.get(path, USUAL)} == {}


def _count(browser: Client, call: Call, world: World) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(call.url(ids_for(call.path, world)))
    assert answer.status_code < 500, call
    return len(queries)


def _browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return browser
