"""What a batch is made with: fresh lots from the store, clean units and rooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import uuid4

from tools.demo.client import Person
from tools.demo.stage import SITE, Stage, moment

MONTHS = timedelta(days=180)
PLENTY, DELIVERED = "100", 10


@dataclass
class Store:
    """Material → label of a lot, received and released for this demonstration when it is first needed."""

    stage: Stage
    now: str
    attributes: Mapping[str, Mapping[str, dict[str, str]]]
    _lots: dict[str, str] = field(default_factory=dict)

    def lot(self, code: str, quantity: str = PLENTY) -> str:
        """`quantity` is what the first step needs; later ones may need more."""
        if code not in self._lots:
            self._lots[code] = self._deliver(code, quantity)
        return self._lots[code]

    def _deliver(self, code: str, quantity: str) -> str:
        material = next(each for each in self.materials if each["code"] == code)
        delivery = {
            "site": SITE,
            "material": code,
            "number": f"D-{uuid4().hex[:8].upper()}",
            "quantity": {"value": str(Decimal(quantity) * DELIVERED), "unit": material["unit"]},
            "expires_at": (moment(self.now) + MONTHS).isoformat(),
            "attributes": self.attributes.get(code, {}),
        }
        lot = self.stage["logan"].post("lots", delivery)
        quinn = self.stage["quinn"]
        quinn.post(f"lots/{lot['id']}/release", {"signature": quinn.signature(seen=lot["manifest_digest"])})
        return str(lot["barcode"])

    @cached_property
    def materials(self) -> list[dict[str, Any]]:
        return [each for each in self.stage["quinn"].get("materials") if each["site"] == SITE]


def units(stage: Stage, now: str) -> dict[str, list[dict[str, Any]]]:
    """Class → units. What an earlier batch left behind is cleaned first, by one and checked by another."""
    found: dict[str, list[dict[str, Any]]] = {}
    for unit in stage["olga"].pages("units", site=SITE):
        if needs_cleaning(unit):
            clean_unit(stage["olga"], stage["vera"], unit, now)
        found.setdefault(unit["class_code"], []).append(unit)
    for room in stage["olga"].get("rooms"):
        if room["status"] == "to_clean":
            clean_room(stage["olga"], stage["vera"], room)
    return found


def needs_cleaning(unit: dict[str, Any]) -> bool:
    return {reason["code"] for reason in unit["reasons_unfit"]} == {"not_clean"}


def clean_unit(by: Person, checker: Person, unit: dict[str, Any], now: str) -> None:
    body = {"procedure": "SOP-CLN-001", "due_at": (moment(now) + MONTHS).isoformat()}
    by.post(f"units/{unit['id']}/cleanings", body | {"verification": by.signature(checker)})


def clean_room(by: Person, checker: Person, room: dict[str, Any]) -> None:
    body = {"status": "clean", "procedure": "SOP-CLN-001"}
    by.post(f"rooms/{room['id']}/status", body | {"verification": by.signature(checker)})
