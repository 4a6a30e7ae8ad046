"""P1, P2, P3 and A1: completing a step, in interleaved rounds: yardstick and subject in turn, with the same data."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import connections, transaction

from batches import services
from batches.models import Step
from bench.measures import Cost, Ratio, Work, cost, say, seconds
from bench.situation import Situation
from bench.yardstick import Yardstick
from mes import clock
from mes.embedded.postgres import SUPERUSER
from mes.embedded.processes import dying_with_us, free_port, stop, wait_until
from mes.records.services import act
from mes.records.signing import Signer
from tests.given import people

ROUNDS, EACH = 8, 10
ROOT = Path(__file__).resolve().parent.parent


class Completion:
    def __init__(self, superuser: psycopg.Connection, directory: Path) -> None:
        self.superuser, self.directory = superuser, directory

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.callback(connections.close_all)
            self.situation = Situation()
            self.web = opened.enter_context(web_server(self.directory))
            self.token = self._sign_in()
            self._sign_over_http(self.situation.ready_step(), {"username": "olga", "password": people.PASSWORD})
            self._bare = self._connection_without_records()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()

    def results(self) -> dict[str, object]:
        yardstick = Yardstick(self.superuser, self._completion())
        times: dict[str, list[float]] = {name: [] for name in ("plain", "service", "http", "recorded", "bare")}
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}")
            completions = [self._completion() for _ in range(EACH)]
            over_http = [self.situation.ready_step() for _ in range(EACH)]
            times["plain"].append(seconds([yardstick.write] * EACH))
            times["service"].append(seconds(completions))
            times["http"].append(seconds([partial(self._sign_over_http, step) for step in over_http]))
            times["bare"].append(seconds([partial(self._write_bare, step) for step in over_http]))
            times["recorded"].append(seconds([partial(self._write_recorded, step) for step in over_http]))
        return {
            "P1": Ratio.of(times["service"], times["plain"], EACH),
            "P2": Ratio.of(times["http"], times["plain"], EACH),
            "P3": self._cost_of_a_completion(),
            "A1": Ratio.of(times["recorded"], times["bare"], EACH),
            "rows": yardstick.describe(),
            "rounds": f"{ROUNDS} rounds of {EACH}",
            "postgresql": self.superuser.info.parameter_status("server_version"),
        }

    def _cost_of_a_completion(self) -> Cost:
        completions = [self._completion() for _ in range(EACH)]
        return cost(self.superuser, completions, connections["default"])

    def _completion(self) -> Work:
        """A step ready to be completed and the signature for it, so that only the service is timed."""
        step, operator = self.situation.ready_step(), self.situation.operator
        signer: Signer = people.signer(operator, "performed", site=self.situation.site)
        return partial(services.complete_step, actor=operator, step=step, signer=signer)

    def _write_recorded(self, step: Step) -> None:
        with act(self.situation.operator, "bench.write", site=self.situation.site, subject=step, batch=step.batch_id):
            self._write(step, "default")

    def _write_bare(self, step: Step) -> None:
        with transaction.atomic(using=self._bare):
            self._write(step, self._bare)

    def _write(self, step: Step, using: str) -> None:
        step.late_after = clock.now(self.situation.site) + timedelta(hours=1)
        step.save(update_fields=["late_after"], using=using)

    def _connection_without_records(self) -> str:
        """The same tables for somebody whom no trigger sees."""
        options = {"options": "-c session_replication_role=replica"}
        password = self.superuser.info.password
        default = connections.settings["default"]
        connections.settings["bare"] = default | {"USER": SUPERUSER, "PASSWORD": password, "OPTIONS": options}
        return "bare"

    def _sign_in(self) -> str:
        return str(self._post("/api/v1/tokens", {"username": "olga", "password": people.PASSWORD}, "")["token"])

    def _sign_over_http(self, step: Step, credential: dict[str, str] | None = None) -> None:
        body = {"signature": credential or {"pin": people.PIN}}
        self._post(f"/api/v1/steps/{step.id}/complete", body, self.token)

    def _post(self, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
        headers |= {"Authorization": f"Token {token}"} if token else {}
        self.web.request("POST", path, json.dumps(body), headers)
        response = self.web.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status >= 300:
            raise RuntimeError(f"{path}: {response.status} {answer}")
        return answer


@contextmanager
def web_server(directory: Path, *more: str) -> Iterator[HTTPConnection]:
    """One gunicorn worker with two threads, or what is said, and one connection that is kept open."""
    port, log = free_port(), directory / "web.log"
    command = [sys.executable, "-m", "gunicorn", "mes.wsgi", "--bind", f"127.0.0.1:{port}", "--keep-alive", "600"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *dying_with_us(),
                *command,
                *(more or ("--threads", "2")),
                "--no-control-socket",
                "--log-level",
                "warning",
            ],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=output,
            stderr=output,
        )
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        wait_until(lambda: _answers(connection), process, log)
        yield connection
    finally:
        connection.close()
        stop(process)


def _answers(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() != b""
    except OSError:
        connection.close()
        return False
