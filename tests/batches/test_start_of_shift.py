"""The start of a shift: what is mine, what is due when, what is in this room, and the batch behind a label."""

import re
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from batches import services
from batches.home import panels
from batches.models import Batch, Step, UnitBinding
from batches.queries import next_actions
from chain_of_identity.models import Container
from equipment.models import Room
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.pages.panels import Panel, Task, home_of
from mes.records import current
from tests.given import batches as given
from tests.given import equipment as plant
from tests.given import people


def titled(user: User, title: str) -> list[Task]:
    return next((panel.tasks for panel in panels(user) if panel.title == title), [])


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return browser


def culture(site: Site) -> Step:
    """A timer runs for an hour, ten minutes less or more."""
    return given.prepared_or_waiting(given.started(given.running_batch(site), "S120"))


def test_my_batches_come_first_and_say_when_they_are_due(site: Site, olga: User, vera: User) -> None:
    step = culture(site)
    given.running_batch(site)
    (mine,) = titled(olga, "My batches")
    assert str(step.batch.number) in mine.detail
    assert " in 1 h 0" in mine.due
    assert len(titled(olga, "Steps to do")) == 1
    assert titled(vera, "My batches") == []
    assert len(titled(vera, "Steps to do")) == 2


def test_what_is_overdue_is_marked_by_shape_and_word_and_wants_its_person(site: Site, olga: User) -> None:
    step = culture(site)
    with given.later(75):
        (mine,) = titled(olga, "My batches")
        page = browser_of(olga).get("/").content.decode()
    assert (mine.state, mine.state_words) == ("late", "Overdue")
    assert mine.due.startswith("overdue since")
    assert "Overdue" in page
    assert str(step.id) in page


def test_a_window_is_due_before_it_closes(site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    given.prepared_or_waiting(given.started(batch, "S120"))
    with given.later(61):
        given.ticked(batch)
        given.done_before(batch, "S150")
        (action,) = next_actions(olga)
        ended = given.step(batch, "S120").ended_at
    assert ended is not None
    assert (action.not_before, action.due) == (ended + timedelta(minutes=10), ended + timedelta(minutes=120))


def test_the_terminal_of_a_room_shows_what_is_in_it(site: Site, olga: User, vera: User) -> None:
    step = culture(site)
    room = _room_of(step.batch)
    here = current.Terminal(code="T-04", site_id=site.id, site=site.code, room_id=room.id, room=room.code)
    token = current.request.set(replace(current.request.get(), terminal=lambda: here))
    try:
        (found,) = titled(vera, "Batches in this room")
    finally:
        current.request.reset(token)
    assert step.batch.number in found.detail


def test_an_operator_sees_the_open_calls(site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    services.call_supervisor(actor=olga, step=given.step(batch, "S010"), reason="Equipment does not work")
    (call,) = titled(olga, "Open calls")
    assert "Equipment does not work" in call.detail


def test_nobody_has_nothing_to_do_without_a_way_on(site: Site, olga: User) -> None:
    panel: Panel = home_of(olga).panels[0]
    assert (panel.tasks, panel.empty) == ([], "No open step for you. Scan a batch or a room.")


def test_a_label_leads_to_the_step_of_its_batch_and_a_room_to_its_batches(site: Site, olga: User) -> None:
    step = culture(site)
    bag = Container.objects.filter(order=step.batch.order_id).first()
    assert bag is not None
    browser = browser_of(olga)
    for code in (bag.label, f"&/{step.batch.coi_id}", step.batch.number):
        assert browser.get("/find/", {"code": code})["Location"] == f"/batches/{step.batch_id}/run/"
    room = _room_of(step.batch)
    assert browser.get("/find/", {"code": room.code})["Location"] == f"/rooms/{room.id}/batches/"
    assert step.batch.number in browser.get(f"/rooms/{room.id}/batches/").content.decode()
    unknown = browser.get("/find/", {"code": "XYZ"}, follow=True).content.decode()
    assert "is no label of a batch under way" in unknown


def test_a_batch_of_another_site_is_not_found(site: Site, foreign_site: Site) -> None:
    batch, lisa = given.running_batch(site), people.a_person(foreign_site, "lisa", Role.OPERATOR)
    for code in (batch.number, f"&/{batch.coi_id}"):
        assert browser_of(lisa).get("/find/", {"code": code})["Location"] == "/"


def test_the_other_batch_here_is_one_tap_away_and_more_are_a_choice(site: Site, olga: User) -> None:
    first, second = given.running_batch(site), given.running_batch(site)
    browser = browser_of(olga)
    assert browser.get(f"/batches/{first.id}/others/")["Location"] == f"/batches/{second.id}/run/"
    third = given.running_batch(site)
    page = browser.get(f"/batches/{first.id}/others/").content.decode()
    assert second.number in page
    assert third.number in page
    assert f'task-title">{first.number}' not in page
    assert f'href="/batches/{first.id}/run/"' in page


def test_an_empty_room_is_called_so_and_its_page_leads_on(site: Site, olga: User) -> None:
    room = plant.room(site, "CR-9")
    page = browser_of(olga).get(f"/rooms/{room.id}/batches/").content.decode()
    assert "No batch is in room CR-9" in page
    assert "No other batch" not in page
    assert re.search(r'class="button" href="/">My next action', page)


def test_more_batches_take_no_more_queries(site: Site, olga: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            panels(people.persona(site, "olga"))
        return len(asked)

    culture(site)
    few = count()
    for _ in range(3):
        given.running_batch(site)
    assert count() == few


def _room_of(batch: Batch) -> Room:
    """Where its incubator stands."""
    binding = UnitBinding.objects.select_related("unit__room").filter(batch=batch, until=None).first()
    assert binding is not None
    return binding.unit.room
