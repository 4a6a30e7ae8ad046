"""A call for a supervisor: heard, answered, settled, and in the record."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from batches import queries, services
from batches.errors import AlreadyRecorded
from batches.models import Batch, SupervisorCall
from batches.queries.calls import calls_to_answer
from batches.states import CallState
from batches.tasks import tick
from mes.accounts.models import User
from mes.accounts.rights import Role
from mes.errors import NotPermitted, WrongState
from mes.pages.panels import home_of
from mes.records.models import Event
from tests.given import batches as given
from tests.given import people


def called(batch: Batch, reason: str = "The label cannot be read") -> SupervisorCall:
    olga = people.persona(batch.site, "olga")
    return services.call_supervisor(actor=olga, step=given.step(batch, "S010"), reason=reason)


def test_a_call_is_heard_by_the_supervisors_of_the_site_alone(batch: Batch, sven: User, olga: User) -> None:
    call = called(batch)
    elsewhere = people.a_person(people.a_site("LINZ"), "lisa", Role.SUPERVISOR)
    assert [*calls_to_answer(sven)] == [call]
    assert not calls_to_answer(olga)
    assert not calls_to_answer(elsewhere)


def test_it_is_the_first_thing_on_their_home_page(batch: Batch, sven: User) -> None:
    called(batch)
    first = home_of(sven).next
    assert first is not None
    assert batch.number in first.title
    assert "The label cannot be read" in first.detail


def test_the_operator_reads_who_comes(batch: Batch, olga: User, sven: User) -> None:
    call = called(batch)
    assert "nobody has answered yet" in queries.run_screen(given.step(batch, "S010"), olga)["call"]["words"]
    services.answer_call(actor=sven, call=call)
    assert queries.run_screen(given.step(batch, "S010"), olga)["call"]["words"].endswith(
        "Sven Supervisor is on the way"
    )
    services.settle_call(actor=sven, call=call, outcome="Printed a new label.")
    assert queries.run_screen(given.step(batch, "S010"), olga)["call"] is None


def test_one_call_at_a_time_from_a_step(batch: Batch) -> None:
    call = called(batch)
    with pytest.raises(AlreadyRecorded):
        called(batch)
    services.withdraw_call(actor=people.persona(batch.site, "olga"), call=call)
    assert called(batch).status == CallState.OPEN


def test_an_operator_answers_no_call_and_nobody_answers_twice(batch: Batch, olga: User, sven: User) -> None:
    call = called(batch)
    with pytest.raises(NotPermitted):
        services.answer_call(actor=olga, call=call)
    services.answer_call(actor=sven, call=call)
    with pytest.raises(WrongState):
        services.answer_call(actor=sven, call=call)


def test_what_nobody_answers_is_escalated_once(batch: Batch, sven: User) -> None:
    call = called(batch)
    tick()
    assert SupervisorCall.objects.get(pk=call.pk).escalated_at is None
    with time_machine.travel(timezone.now() + timedelta(minutes=3, seconds=5), tick=False):
        tick()
        tick()
    call.refresh_from_db()
    assert call.escalated_at is not None
    assert Event.objects.filter(action="batches.escalate_call").count() == 1
    assert "nobody answered in 3 minutes" in calls_to_answer(sven).get().words


def test_an_answered_call_is_not_escalated(batch: Batch, sven: User) -> None:
    services.answer_call(actor=sven, call=called(batch))
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        tick()
    assert not Event.objects.filter(action="batches.escalate_call").exists()


def test_a_call_that_waited_for_the_network_says_when_it_was_pressed(batch: Batch, olga: User) -> None:
    waited = timedelta(minutes=7)
    with people.tablet(kept_for=waited):
        call = services.call_supervisor(actor=olga, step=given.step(batch, "S010"))
    assert call.called_at - call.pressed_at == waited


def test_calls_are_in_the_record_of_the_batch(batch: Batch, sven: User) -> None:
    call = called(batch)
    services.answer_call(actor=sven, call=call)
    services.settle_call(actor=sven, call=call, outcome="Printed a new label.")
    (line,) = queries.record_of(batch).calls
    assert (line.called_by, line.answered_by, line.settled_by) == (
        "Olga Operator",
        "Sven Supervisor",
        "Sven Supervisor",
    )
    assert (line.reason, line.outcome, line.status) == ("The label cannot be read", "Printed a new label.", "settled")


def test_called_answered_settled_and_withdrawn_over_the_api(batch: Batch, olga: User, sven: User) -> None:
    step = given.step(batch, "S010")
    operator, supervisor = people.client_of(olga), people.client_of(sven)
    first = operator.post(f"/api/v1/steps/{step.id}/calls", {"reason": "Equipment"}, format="json")
    assert (first.status_code, first.data["status"]) == (201, "open")
    url = f"/api/v1/calls/{first.data['id']}"
    assert supervisor.post(f"{url}/answer").data["status"] == "answered"
    assert operator.get(f"/api/v1/steps/{step.id}/calls").data[0]["words"].endswith("Sven Supervisor is on the way")
    assert supervisor.post(f"{url}/settle", {"outcome": "Done."}, format="json").data["status"] == "settled"
    second = operator.post(f"/api/v1/steps/{step.id}/calls", {}, format="json")
    assert operator.post(f"/api/v1/calls/{second.data['id']}/withdraw").data["status"] == "withdrawn"


def test_a_supervisor_sees_the_floor_and_answers_there(batch: Batch, sven: User) -> None:
    call = called(batch)
    given.started(batch, "S010")
    browser = Client()
    browser.force_login(sven, backend="mes.accounts.backend.SessionBackend")
    page = browser.get("/floor/").content.decode()
    for words in (batch.number, "Olga Operator", "Scan the bag", "The label cannot be read"):
        assert words in page
    assert browser.post(f"/calls/{call.id}/answer/")["Location"] == "/floor/"
    assert browser.post(f"/calls/{call.id}/settle/", {"outcome": "Looked at it."}).status_code == 302
    call.refresh_from_db()
    assert (call.status, call.outcome) == (CallState.SETTLED, "Looked at it.")
