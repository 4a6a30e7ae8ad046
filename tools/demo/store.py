"""What a batch is made with: fresh lots from the store, clean units and rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tools.demo.client import Person
from tools.demo.stage import SITE, Stage, moment

MONTHS = timedelta(days=180)


def lots(stage: Stage, now: str, needs: list[dict[str, Any]]) -> dict[str, str]:
    """Material → label of a lot that was received and released for this demonstration."""
    known = {each["code"]: each for each in stage["quinn"].get("materials") if each["site"] == SITE}
    return {need["code"]: _lot(stage, known[need["code"]], now, need) for need in needs}


def _lot(stage: Stage, material: dict[str, Any], now: str, need: dict[str, Any]) -> str:
    number = f"D-{uuid4().hex[:8].upper()}"
    delivery = {
        "site": SITE,
        "material": material["code"],
        "number": number,
        "quantity": {"value": need["quantity"], "unit": need["unit"]},
        "expires_at": (moment(now) + MONTHS).isoformat(),
    }
    if material["kind"] == "vector":
        delivery["attributes"] = {"titre_tu_per_ml": {"value": "100000000", "unit": "TU/mL"}}
    lot = stage["logan"].post("lots", delivery)
    quinn = stage["quinn"]
    quinn.post(f"lots/{lot['id']}/release", {"signature": quinn.signature(seen=lot["manifest_digest"])})
    return str(lot["barcode"])


def units(stage: Stage, now: str) -> dict[str, list[dict[str, Any]]]:
    """Class → units. What an earlier batch left behind is cleaned first, by one and checked by another."""
    found: dict[str, list[dict[str, Any]]] = {}
    for unit in stage["olga"].pages("units", site=SITE):
        codes = {reason["code"] for reason in unit["reasons_unfit"]}
        if codes == {"not_clean"}:
            _clean_unit(stage["olga"], stage["vera"], unit, now)
        found.setdefault(unit["class_code"], []).append(unit)
    for room in stage["olga"].get("rooms"):
        if room["status"] == "to_clean":
            _clean_room(stage["olga"], stage["vera"], room)
    return found


def _clean_unit(by: Person, checker: Person, unit: dict[str, Any], now: str) -> None:
    body = {"procedure": "SOP-CLN-001", "due_at": (moment(now) + MONTHS).isoformat()}
    by.post(f"units/{unit['id']}/cleanings", body | {"verification": by.signature(checker)})


def _clean_room(by: Person, checker: Person, room: dict[str, Any]) -> None:
    body = {"status": "clean", "procedure": "SOP-CLN-001"}
    by.post(f"rooms/{room['id']}/status", body | {"verification": by.signature(checker)})
