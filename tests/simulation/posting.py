"""The same acts as a tablet posts them: through the API, with an idempotency key, and once more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from tests.given import people
from tests.simulation.engine import Engine, code_of

PLACES = {
    "start": "start",
    "scan": "scans",
    "add": "materials",
    "bind": "units",
    "send": "send",
    "record": "entries",
    "decide": "decide",
    "complete": "complete",
    "command": "commands",
}


def post_twice(engine: Engine, name: str, facts: dict[str, Any]) -> str:
    """The first answer's refusal. The second answer must be the first, and its act must leave nothing of its own."""
    who = engine.person(facts["who"])
    client = people.client_of(who)
    root = f"batches/{engine.batch.pk}" if facts["key"] == "batch" else f"steps/{engine.steps[facts['key']].pk}"
    call = (client, f"/api/v1/{root}/{PLACES[name]}", _body(engine, name, facts), str(uuid4()))
    first, again = _post(*call), _post(*call)
    assert first == again, f"the second answer differs: {first} and {again}"
    return first


def _post(client: APIClient, path: str, body: dict[str, Any], key: str) -> str:
    answer = client.post(path, body, format="json", headers={"Idempotency-Key": key})
    assert answer.status_code < 500, f"{path}: {answer.status_code}"
    return code_of(answer.json()["code"], answer.json()["details"]) if answer.status_code >= 400 else ""


def _body(engine: Engine, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    signature = {"username": facts["who"], "password": people.PASSWORD}
    signed = {"signature": signature} if facts.get("signed") else {}
    bodies: dict[str, dict[str, Any]] = {
        "scan": {"code": f"&/{engine.batch.coi_id}"},
        "bind": {"code": engine.unit.code},
        "complete": signed,
    }
    if name == "add":
        lot = engine.lot()
        return {"code": lot.barcode, "quantity": facts["amount"], "unit": "mL"}
    if name == "record":
        return {"id": str(uuid4()), "name": facts["name"], "value": facts["text"], "unit": "mL"}
    if name == "decide":
        return {"choice": facts["choice"]}
    if name == "command":
        left = {"disposition": facts["disposition"]} if facts.get("disposition") else {}
        return {"command": facts["name"], "reason": "As drawn" if facts["reason"] else ""} | left | signed
    return bodies.get(name, {})
