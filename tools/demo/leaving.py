"""A demonstration that is broken off gives back what it took: its place in the suite, its units, its room.

What it took stands in a file from the moment it is taken, so that the next demonstration can clear up after one that
was killed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.demo.client import Refused
from tools.demo.stage import Stage
from tools.demo.store import clean_room

NOTE = Path(__file__).resolve().parent.parent.parent / "var" / "demo" / "under-way.json"
WHY = "The demonstration was broken off"
FINAL = {"COMPLETE", "STOPPED", "ABORTED"}


def note(slot: dict[str, Any]) -> None:
    """This demonstration has the slot from now on, and the batch in it."""
    NOTE.parent.mkdir(parents=True, exist_ok=True)
    NOTE.write_text(json.dumps({"slot": slot["id"], "batch": slot["batch_id"]}), encoding="utf-8")


def clear_up(stage: Stage) -> None:
    """Give back what the last demonstration took, if it came to no end. Nothing to do is the usual case."""
    if not NOTE.exists():
        return
    taken = json.loads(NOTE.read_text(encoding="utf-8"))
    try:
        _give_back(stage, taken["slot"], taken["batch"])
    except Refused as refusal:
        if refusal.code != "not_found":  # another installation's, or one set up anew
            raise
    NOTE.unlink()


def _give_back(stage: Stage, slot_id: str, batch_id: str) -> None:
    sven = stage["sven"]
    batch = sven.get(f"batches/{batch_id}")
    if batch["status"] in FINAL:
        return
    stage.progress.say(f"Batch {batch['number']} of a demonstration that was broken off is ended")
    if batch["issued_at"] is None:
        stage["ines"].post(f"slots/{slot_id}/release", {"reason": WHY})
        return
    if batch["status"] == "IDLE":
        stage["olga"].post(f"batches/{batch_id}/commands", {"command": "START"})
    body = {"command": "ABORT", "reason": WHY, "disposition": "discard", "signature": sven.signature()}
    sven.post(f"batches/{batch_id}/commands", body)
    stage.wait("the batch is ended", lambda: sven.get(f"batches/{batch_id}")["status"] == "ABORTED")
    _leave_rooms(stage, batch_id)


def _leave_rooms(stage: Stage, batch_id: str) -> None:
    olga, vera = stage["olga"], stage["vera"]
    for room in olga.get("rooms"):
        if room["batch_id"] == batch_id:
            olga.post(f"rooms/{room['id']}/status", {"status": "to_clean"})
            clean_room(olga, vera, room)
