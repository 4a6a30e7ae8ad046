"""What was waited for is read as it is then, at every level."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from batches.models import Step
from batches.services.elements import command
from batches.services.locks import lock_batch, lock_step
from mes.accounts.models import Site, User
from mes.records.services import act
from tests.given import batches as given


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-057")
def test_who_waited_for_a_batch_sees_all_that_happened_to_it(site: Site, olga: User) -> None:
    step = given.started(given.running_batch(site), "S010")
    with ThreadPoolExecutor(1) as other:
        with act(olga, "tests.hold", site=site, batch=step.batch_id, reason="leak") as event:
            command(lock_batch(step.batch), "HOLD", event=event)
            waiting = other.submit(states_under_lock, step)
            while not somebody_waits():
                assert not waiting.done(), "it went on without waiting"
        assert waiting.result() == ["HOLDING"] * 4


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone() == (True,))


def states_under_lock(step: Step) -> list[str]:
    try:
        with transaction.atomic():
            locked = lock_step(step)
            parents = (locked.batch, locked.operation.unit_procedure, locked.operation)
            return [each.status for each in (*parents, locked)]
    finally:
        connection.close()
