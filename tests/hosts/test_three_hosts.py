"""Web, workers and database on hosts of their own: each is cut off and comes back, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest

from tests.equipment.waiting import until
from tests.given import people
from tests.hosts.network import Host, hosts
from tools.faults.plant import Process, commands
from tools.installed import ROOT
from tools.processes import MANAGE

PORT = 8000
WEB = ("-m", "gunicorn", "mes.wsgi", "--workers", "1", "--threads", "8", "--log-level", "error", "--no-control-socket")
CREDENTIAL = {"username": "olga", "password": people.PASSWORD}
PATIENCE = 5
AWAY = OSError
_MOVES = """
SELECT count(*), bool_and(step.ended_at >= step.due) FROM records_event AS event,
  (SELECT id, batch_id, ended_at, started_at + interval '3 seconds' AS due FROM batches_step WHERE id = %s) AS step,
  jsonb_array_elements(event.moves) AS move
WHERE event.batch_id = step.batch_id AND move->>'subject' = step.id::text AND move->>'to' = 'COMPLETE'
"""
IN_THE_MIDDLE = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as session:
    session.execute("SELECT FROM batches_batch AS batch JOIN batches_step AS step ON step.batch_id = batch.id"
                    " WHERE step.id = %s FOR UPDATE OF batch", [sys.argv[2]])
    print("locked", flush=True)
    sys.stdin.read()
"""


@dataclass
class Site:
    """The three hosts at work, and Olga at a tablet that sees all of them."""

    web: Host
    workers: Host
    database: Host
    environment: dict[str, str]
    holds: list[str]
    value: str
    token: str = ""

    def sign_in(self) -> str:
        self.token = self.ask("tokens", CREDENTIAL)["token"]
        return self.token

    def ask(self, path: str, body: Mapping[str, Any] | None = None, key: str = "", patience: float = 60) -> Any:
        """The answer; OSError where none comes."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4())}
        headers |= {"Authorization": f"Token {self.token}"} if self.token else {}
        url = f"http://{self.web.address}:{PORT}/api/v1/{path}"
        request = Request(url, None if body is None else json.dumps(body).encode(), headers)
        try:
            with urlopen(request, timeout=patience) as answer:  # noqa: S310 - our own namespace
                return json.loads(answer.read())
        except HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()[:300]}") from error

    def start(self, step: str) -> None:
        self.ask(f"steps/{step}/start", {})

    def status(self, step: str) -> str:
        return str(self.ask(f"steps/{step}")["status"])

    def ends(self, step: str) -> None:
        """Once, and not early."""
        until(lambda: self.look(_MOVES, step)[0])
        assert self.look(_MOVES, step) == (1, True)

    def look(self, query: str, *facts: object) -> tuple[Any, ...]:
        with psycopg.connect(self.environment["DATABASE_URL"], connect_timeout=PATIENCE) as database:
            found = database.execute(query, facts).fetchone()
        assert found is not None
        return found


@contextmanager
def running(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    process = Process(command, environment, log)
    process.start()
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def servers(host: Host, directory: Path, schema: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.hosts.database", str(directory), host.address, str(schema)]
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("BATON_", "DATABASE_", "DJANGO_"))
    }
    process = subprocess.Popen(
        host.inside(*command), cwd=ROOT, env=outside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


@pytest.fixture(scope="module")
def site(schema: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    place = tmp_path_factory.mktemp("hosts")
    with hosts("web", "workers", "database") as (web, workers, database), servers(database, place, schema) as told:
        environment = told["environment"] | {"BATON_ALLOWED_HOSTS": web.address}
        work = commands({})
        serve = web.inside(sys.executable, *WEB, "--bind", f"0.0.0.0:{PORT}")
        with (
            running(serve, environment, place / "web.log"),
            running(workers.inside(*work["worker"]), environment, place / "worker.log"),
            running(workers.inside(*work["beat"]), environment, place / "beat.log"),
        ):
            site = Site(web, workers, database, environment, told["holds"], told["value"])
            until(lambda: _answers(site))
            yield site


def _answers(site: Site) -> bool:
    try:
        return bool(site.sign_in())
    except AWAY:
        return False


def test_workers_that_were_cut_off_do_then_what_came_due_meanwhile(site: Site) -> None:
    first, second, *_ = site.holds
    site.start(first)
    site.ask(f"steps/{first}/units", {"code": "INC-1"})
    site.ends(first)
    site.workers.cut_off()
    site.start(second)
    until(lambda: site.look("SELECT due_at + interval '1 second' < now() FROM batches_step WHERE id = %s", second)[0])
    assert site.status(second) == "RUNNING", "people go on reading and writing; nobody is there to end the hold"
    site.workers.come_back()
    site.ends(second)


def test_a_host_that_is_cut_off_in_the_middle_of_an_act_holds_nobody_up_for_long(site: Site) -> None:
    hold = site.holds[2]
    command = site.workers.inside(sys.executable, "-c", IN_THE_MIDDLE, site.environment["DATABASE_URL"], hold)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as act:
        assert act.stdout is not None
        assert act.stdout.readline() == b"locked\n"
        site.workers.cut_off()
        site.start(hold)
        act.kill()
    site.workers.come_back()
    site.ends(hold)


def test_while_the_web_is_cut_off_what_was_begun_goes_on(site: Site) -> None:
    hold = site.holds[3]
    site.start(hold)
    site.web.cut_off()
    with pytest.raises(AWAY):
        site.ask(f"steps/{hold}", patience=1)
    site.ends(hold)
    site.web.come_back()
    until(lambda: site.status(hold) == "COMPLETE")


@pytest.mark.req("R-068")
def test_while_the_database_is_cut_off_nothing_is_said_to_be_saved(site: Site) -> None:
    hold, key = site.holds[4], str(uuid4())
    entry = {"id": str(uuid4()), "name": "volume", "value": "120.0", "unit": "mL"}
    site.start(site.value)
    site.start(hold)
    site.database.cut_off()
    with pytest.raises(AWAY):
        site.ask(f"steps/{site.value}/entries", entry, key, patience=4)
    site.database.come_back()
    assert site.ask(f"steps/{site.value}/entries", entry, key)["id"] == entry["id"], "sent again, under the same key"
    site.ends(hold)
    assert site.look("SELECT count(*) FROM batches_entry WHERE step_id = %s", site.value) == (1,)
    verified = subprocess.run(
        site.database.inside(*MANAGE, "verify_records"), cwd=ROOT, env=site.environment, check=False
    )
    assert verified.returncode == 0
