"""The beat: one leads, whoever dies is followed, and no row waits for the next second."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from queue import Queue
from threading import Thread

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from batches.models import Step
from batches.services.due import next_due
from mes import clock
from mes.accounts.models import Site
from mes.beat.ears import Ears
from mes.beat.process import Beat
from mes.records.services import act
from mes.records.triggers import BEAT_CHANNEL
from tests.given import batches as given
from tests.given import people
from tests.pooler import pooled

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 120.0


@pytest.fixture
def beat() -> Iterator[Callable[..., Beat]]:
    made: list[Beat] = []

    def make(**parts: object) -> Beat:
        parts = {"periods": {}, "woken": ("look",), "next_due": lambda: None, "send": lambda *_, **__: None} | parts
        made.append(Beat(**parts))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.stop()
        each.run()


def asked_by(beat: Beat) -> list[str]:
    asked: list[str] = []
    beat.send = lambda name, **_: asked.append(name)
    return asked


def test_one_leads_and_the_next_takes_over_when_it_is_gone(beat: Callable[..., Beat]) -> None:
    first, second = beat(next_due=timezone.now), beat(next_due=timezone.now)
    second.stop()  # a follower that is to stop waits for nothing
    first.turn()
    second.turn()
    assert (first.leads, second.leads) == (True, False)
    first.stop()
    first.run()
    second.turn()
    assert second.leads


def test_every_task_has_its_turn(beat: Callable[..., Beat]) -> None:
    it = beat(periods={"often": 0.0, "seldom": 3600.0}, next_due=timezone.now)
    asked = asked_by(it)
    it.turn()
    it.turn()
    assert [name for name in asked if name != "look"] == ["often", "seldom", "often"]


def test_what_comes_due_is_asked_for_at_its_time(beat: Callable[..., Beat]) -> None:
    due = timezone.now() + timedelta(seconds=0.3)
    it = beat(next_due=lambda: due)
    at: list[datetime] = []
    it.send = lambda *_, **__: at.append(timezone.now())
    it.turn()
    assert at[0] >= due


def test_a_row_that_becomes_work_wakes_the_beat_when_it_is_committed(site: Site) -> None:
    step = given.step(given.issued_batch(site), "S010")
    ears = Ears(BEAT_CHANNEL)
    assert ears.hold("tests")
    ears.wait(0.0)
    olga = people.persona(site, "olga")
    with transaction.atomic(), act(olga, "test.due", site=site, subject=step):
        Step.objects.filter(pk=step.pk).update(due_at=timezone.now())
        assert not ears.wait(0.0)
    assert ears.wait(LONG)
    ears.close()


def test_whoever_lost_the_database_leads_no_longer(beat: Callable[..., Beat], superuser: object) -> None:
    it = beat(next_due=timezone.now)
    it.turn()
    superuser.execute(  # type: ignore[attr-defined]
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    )
    with pytest.raises(OperationalError):
        it.turn()


def test_the_next_due_is_told_in_the_servers_time(site: Site) -> None:
    assert next_due() is None
    batch = given.running_batch(site)
    step = given.step(batch, "S010")
    later = clock.now(site) + timedelta(hours=2)
    with act(people.persona(site, "olga"), "test.due", site=site, subject=step):
        Step.objects.filter(pk=step.pk).update(status="RUNNING", due_at=later)
    assert next_due() == clock.to_server(site, later)
    with given.later(121):
        assert next_due() is None


@pytest.mark.parametrize("way", [nullcontext, pooled], ids=["directly", "through a pooler"])
def test_two_processes_and_a_kill(
    server_environment: dict[str, str], way: Callable[[dict[str, str]], AbstractContextManager[dict[str, str]]]
) -> None:
    with way(server_environment) as environment:
        _one_takes_over_from_the_other(environment)


def _one_takes_over_from_the_other(environment: dict[str, str]) -> None:
    said: Queue[int] = Queue()
    processes = [_started(number, environment, said) for number in range(2)]
    leader = said.get(timeout=LONG)
    processes[leader].send_signal(signal.SIGKILL)
    assert said.get(timeout=LONG) == 1 - leader
    processes[1 - leader].terminate()
    assert [process.wait(LONG) for process in processes].count(0) == 1


def _started(number: int, environment: dict[str, str], said: "Queue[int]") -> "subprocess.Popen[str]":
    """A beat that tells here when it leads."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_beat"],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "mes.settings", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )

    def listen() -> None:
        with process:
            for line in process.stdout or ():
                if "leads" in line:
                    said.put(number)

    Thread(target=listen, daemon=True).start()
    return process
