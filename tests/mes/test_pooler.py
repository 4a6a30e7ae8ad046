"""Behind a pooler in transaction mode: two server connections for many people, and every record names the right one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from batches.models import Step
from mes.accounts.models import Site
from mes.records.models import Event
from tests.given import batches as given
from tests.pooler import pooled

pytestmark = pytest.mark.django_db(transaction=True)

# Six people in six threads start a step each, all at once, over a pool of two connections.
SCRIPT = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.db import connection
from batches import services
from batches.models import Step
from mes.accounts.models import User

def work(step_id, username):
    try:
        step = Step.objects.select_related("batch__site").get(pk=step_id)
        services.start_step(actor=User.objects.get(username=username), step=step)
    finally:
        connection.close()

with ThreadPoolExecutor(6) as people:
    list(people.map(lambda pair: work(*pair), json.loads(sys.argv[1])))
"""


@pytest.fixture
def pooled_environment(server_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with pooled(server_environment) as environment:
        yield environment


def test_every_act_is_written_to_the_person_who_did_it(site: Site, pooled_environment: dict[str, str]) -> None:
    people = ["olga", "vera"] * 3
    version = given.running_batch(site).recipe_version
    steps = [given.step(given.running_batch(site, recipe=version), "S010") for _ in people]
    work = [(str(step.pk), name) for step, name in zip(steps, people, strict=True)]
    subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(work)],
        env={**os.environ, **pooled_environment, "DJANGO_SETTINGS_MODULE": "mes.settings"},
        check=True,
        timeout=120,
    )
    for step, name in zip(steps, people, strict=True):
        event = Event.objects.get(action="batches.start_step", subject_id=step.pk)
        assert event.actor_username == name
        last = Step.history.filter(id=step.pk).latest("history_date")
        assert (last.status, last.history_event_id) == ("RUNNING", event.pk)
