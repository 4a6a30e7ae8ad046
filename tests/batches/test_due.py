from datetime import timedelta

import pytest
import time_machine

from batches import services
from batches.models import Batch
from batches.services.due import due_batches
from batches.states import State
from equipment.models import Command
from equipment.services import fail_command, send_command
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.records.models import Event
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given.recipes import changed

COMMANDED = "            command: {name: incubate"
SETTLES = (
    "          - {id: S045, kind: timed_hold, title: Let it settle, text: Wait., equipment: incubator, parallel: warm,"
    " hold: {minutes: 60, illustrative: true}}"
)


def advance(batch: Batch) -> None:
    services.advance_batch(actor=system_user("dispatcher"), batch_id=batch.id)


def test_a_hold_whose_unit_is_named_after_its_time_ends_then(site: Site, olga: User) -> None:
    """A tablet that lost its network in between must not leave the step waiting until it is late."""
    source = changed(given.SHORT, "grade: C}", "grade: C}\n  - {as: shelf, class: incubator, grade: C}")
    source = changed(source, "temperature., equipment: incubator,", "temperature., equipment: shelf,")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    shelf = equipment_given.unit(site, "incubator", "INC-9")
    step = given.started(batch, "S120")
    with given.later(61):
        advance(batch)
        assert given.step(batch, "S120").status == State.RUNNING
        services.bind_unit(actor=olga, step=step, code=shelf.code)
        assert due_batches() == [batch.id]
        advance(batch)
    assert given.step(batch, "S120").status == State.COMPLETE


def test_a_hold_is_looked_at_again_only_when_it_is_late(site: Site) -> None:
    """Its last instant in time is not late: a look then would find nothing, at every tick."""
    source = changed(given.SHORT, "grade: C}", "grade: C}\n  - {as: shelf, class: incubator, grade: C}")
    source = changed(source, "temperature., equipment: incubator,", "temperature., equipment: shelf,")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    step = given.started(batch, "S120")
    with given.later(61):
        advance(batch)
    assert step.late_after is not None
    with time_machine.travel(step.late_after, tick=False):
        assert due_batches() == []
    with time_machine.travel(step.late_after + timedelta(microseconds=1), tick=False):
        assert due_batches() == [batch.id]


def test_a_calculation_nobody_signs_is_made_when_its_turn_comes(batch: Batch, site: Site) -> None:
    given.done_before(batch, "S080")
    step = given.step(batch, "S070")
    assert step.status == State.COMPLETE
    assert step.performer is None
    assert step.calculated.get().by.username == "system:dispatcher"


def test_a_commanded_hold_lasts_its_whole_time_not_its_tolerance_less(site: Site, olga: User) -> None:
    source = given.SHORT.replace(
        "hold: {minutes: 60,",
        "command: {name: incubate, setpoints: {temperature: {parameter: temperature}}}, hold: {minutes: 60,",
    )
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    hold = given.started(batch, "S120")
    given.confirmed(hold)
    with given.later(55):
        advance(batch)
    assert given.step(batch, "S120").status == State.RUNNING
    with given.later(60):
        advance(batch)
    assert given.step(batch, "S120").status == State.COMPLETE


def test_waiting_for_a_unit_leaves_no_event(batch: Batch) -> None:
    given.started(batch, "S040")
    before = Event.objects.count()
    advance(batch)
    assert Event.objects.count() == before


@pytest.mark.req("R-100")
def test_a_failed_command_holds_what_else_was_due_at_the_same_look(site: Site, olga: User) -> None:
    """Found by simulation: the hold beside it was ended although its batch was held a moment before."""
    source = changed(given.SHORT, COMMANDED, f"            parallel: warm\n{COMMANDED}")
    source = changed(source, "          - id: S050", f"{SETTLES}\n          - id: S050")
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    warming = given.started(batch, "S040")
    services.start_step(actor=olga, step=given.step(batch, "S045"))
    command, gateway = Command.objects.get(step_id=warming.id), system_user("gateway")
    fail_command(actor=gateway, command=send_command(actor=gateway, command=command), reason="No answer")
    with given.later(61):
        advance(batch)
    assert given.step(batch, "S045").status == State.HELD
