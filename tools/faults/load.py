"""Operators at work: each brings a batch forward over HTTP, sends some posts twice, and gives up on nothing."""

from __future__ import annotations

import http.client
import json
import random
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from typing import Any
from uuid import uuid4

from tools.faults.ledger import Ledger

AWAY = (OSError, http.client.HTTPException)
BETWEEN_TRIES = 0.1
BETWEEN_LOOKS = 0.4  # at what takes seconds: who looks more often loads the web servers with nothing that can be lost
TIMEOUT = 10


@dataclass(frozen=True)
class Round:
    """The ids of three steps, and the set-point (°C) of the second."""

    value: str
    command: str
    hold: str
    setpoint: float


@dataclass
class Operator(Thread):
    """Works through one batch: a value and a signature, a set-point that must be confirmed, a hold that must end."""

    address: str
    token: str
    signature: dict[str, str]
    unit: str
    rounds: list[Round]
    ledger: Ledger
    chance: random.Random
    enough: Flag
    refused: list[str] = field(default_factory=list)
    waits_for: str = ""
    twins: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        for number, each in enumerate(self.rounds):
            if self.enough.is_set():
                return
            self._write(each.value)
            self._command(each, bind=number == 0)
            self._hold(each.hold)
        if not self.enough.is_set():
            self.refused.append(f"{self.unit}: there was not work enough")

    def _write(self, step: str) -> None:
        entry, value = str(uuid4()), f"{self.chance.randint(600, 3500) / 10}"  # within the limits, and within the yield
        self._act("start", step, {})
        body = {"id": entry, "name": "volume", "value": value, "unit": "mL"}
        self._post(f"steps/{step}/entries", body)
        self.ledger.acknowledge("batches.record_entry", step, entry=entry, value=value)
        self._act("complete", step, {"signature": self.signature})

    def _command(self, each: Round, *, bind: bool) -> None:
        """A command that failed while the device could not be reached is sent again, as an operator does."""
        self._act("start", each.command, {})
        if bind:
            self._post(f"steps/{each.command}/units", {"code": self.unit})
        self.waits_for = each.command
        while (shown := self._look(each.command))["status"] != "COMPLETE":
            if shown["command"]["status"] == "failed":
                self._post(f"steps/{each.command}/send", {})
                self.ledger.acknowledge("batches.send_command", each.command)
            Flag().wait(BETWEEN_LOOKS)
        self.ledger.confirmed(self.unit, each.command, each.setpoint)

    def _hold(self, step: str) -> None:
        self._act("start", step, {})
        self.ledger.hold_began(step)
        self.waits_for = step
        while self._look(step)["status"] != "COMPLETE":
            Flag().wait(BETWEEN_LOOKS)

    def _look(self, step: str) -> dict[str, Any]:
        return self._send("GET", f"steps/{step}", None, "")

    def _act(self, act: str, step: str, body: Mapping[str, Any]) -> None:
        self._post(f"steps/{step}/{act}", body)
        self.ledger.acknowledge(f"batches.{act}_step", step)

    def _post(self, path: str, body: Mapping[str, Any]) -> None:
        key = str(uuid4())
        twin = Thread(target=self._send, args=("POST", path, body, key), daemon=True)
        if self.chance.random() < 0.2:
            self.twins += 1
            twin.start()
        self._send("POST", path, body, key)
        if twin.ident:
            twin.join()

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, key: str) -> dict[str, Any]:
        """Until Baton has answered. A refusal ends the campaign: nothing here is ever to be refused."""
        while True:
            try:
                return self._once(method, path, body, key)
            except urllib.error.HTTPError as error:
                answer = error.read().decode(errors="replace")
                if error.code < 500 and error.code not in {408, 425, 429}:
                    self.refused.append(f"{path}: {error.code} {answer}")
                    raise
            except AWAY:
                pass
            Flag().wait(BETWEEN_TRIES)

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None, key: str) -> dict[str, Any]:
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        address = f"{self.address}/api/v1/{path}"
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            answer: dict[str, Any] = json.loads(response.read())
            return answer
