"""One call delivered twice at the same moment is one act, and both deliveries hear that it is done."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connections

from mes.accounts.models import Site, User
from mes.records.models import Event
from tests.given import batches as given
from tests.given import people

WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


@pytest.mark.req("R-068")
@pytest.mark.django_db(transaction=True)
def test_the_second_delivery_waits_for_the_first(site: Site, olga: User, superuser: psycopg.Connection) -> None:
    step = given.step(given.running_batch(site), "S010")

    def start() -> tuple[int, bool]:
        try:
            answer = people.client_of(olga).post(f"/api/v1/steps/{step.id}/start", headers={"Idempotency-Key": "one"})
            return answer.status_code, "Idempotent-Replayed" in answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        with superuser.transaction():
            superuser.execute("SELECT 1 FROM batches_batch FOR UPDATE")
            both = [threads.submit(start) for _ in range(2)]
            while superuser.execute(WAITING).fetchone() != (2,):
                assert not any(each.done() for each in both)
        answers = sorted(each.result() for each in both)
    assert answers == [(200, False), (200, True)]
    assert Event.objects.filter(action="batches.start_step", subject_id=step.id).count() == 1
