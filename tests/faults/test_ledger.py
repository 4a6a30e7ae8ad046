"""The ledger of the campaign of kills (`make faults`) finds what it looks for."""

from datetime import timedelta

import psycopg
import pytest

from batches import services
from batches.models import Step
from mes import clock
from mes.accounts.models import Site, User
from mes.records.services import act
from tests.given import batches as given
from tests.given import equipment as given_equipment
from tools.faults.ledger import Findings, Ledger


@pytest.fixture
def step_id(site: Site, olga: User) -> str:
    """A step that was started, really."""
    step = given.step(given.running_batch(site), "S010")
    services.start_step(actor=olga, step=step)
    return str(step.id)


@pytest.mark.django_db(transaction=True)
def test_the_ledger_finds_what_was_planted(step_id: str, olga: User, superuser: psycopg.Connection) -> None:
    assert _compared(superuser, ("batches.start_step", step_id)).holds
    assert _compared(superuser, ("batches.complete_step", step_id)).lost == 1

    lost_value = Ledger()
    lost_value.acknowledge("batches.start_step", step_id, entry="01a2059a-fb52-7226-aeb2-b074b37e3771", value="1")
    assert lost_value.compare(superuser).lost == 1

    never_ended = Ledger()
    never_ended.acknowledge("batches.start_step", step_id)
    never_ended.hold_began(step_id)
    assert never_ended.compare(superuser).lost == 1

    with act(olga, "batches.start_step", subject=Step.objects.get(pk=step_id)):
        pass
    assert _compared(superuser, ("batches.start_step", step_id)).doubled == 1


@pytest.mark.django_db(transaction=True)
def test_the_ledger_looks_for_commands_at_the_device_and_in_the_record(
    step_id: str, superuser: psycopg.Connection
) -> None:
    ledger = Ledger()
    ledger.confirmed("INC-1", step_id, 37.0)
    assert ledger.compare(superuser, told={"INC-1": [37.0]}).lost == 1, "not in the record"
    assert ledger.compare(superuser, told={"INC-1": [36.0, 37.0]}).out_of_order == 0
    assert ledger.compare(superuser, told={"INC-1": [37.0, 36.0]}).out_of_order == 1


@pytest.mark.django_db(transaction=True)
def test_the_ledger_finds_readings_that_are_there_twice_or_too_late(site: Site, superuser: psycopg.Connection) -> None:
    unit, noon = given_equipment.unit(site, "incubator", "INC-1"), clock.now(site)
    given_equipment.readings(unit, "temperature", [1, 2, 2, 4, 3], every=timedelta(seconds=10), until=noon)
    found = Ledger().compare(superuser)
    assert (found.readings, found.doubled, found.out_of_order) == (5, 1, 1)


def _compared(superuser: psycopg.Connection, *acts: tuple[str, str]) -> Findings:
    ledger = Ledger()
    for action, step in acts:
        ledger.acknowledge(action, step)
    return ledger.compare(superuser)
