"""The ledger of the campaign of kills (`make faults`) finds what it looks for."""

import psycopg
import pytest

from batches import services
from batches.models import Step
from mes.accounts.models import Site, User
from mes.records.services import act
from tests.given import batches as given
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


def _compared(superuser: psycopg.Connection, *acts: tuple[str, str]) -> Findings:
    ledger = Ledger()
    for action, step in acts:
        ledger.acknowledge(action, step)
    return ledger.compare(superuser)
