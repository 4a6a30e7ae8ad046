"""Everything around manufacturing: order, slot, collection, courier, receipt; and back to the patient."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tools.demo.client import Person
from tools.demo.isbt import scanned_din
from tools.demo.scripts import Script
from tools.demo.stage import SITE, Stage, moment

CLINIC = "St. Anna"
SEAL = "S-4711"
AHEAD = timedelta(days=2)


@dataclass
class Journey:
    """One patient's order on its way."""

    stage: Stage
    order: dict[str, Any]
    script: Script

    @property
    def path(self) -> str:
        return f"orders/{self.order['id']}"

    @classmethod
    def ordered(cls, stage: Stage, name: str, script: Script) -> Journey:
        """The clinic enrols a patient and orders; the chain-of-identity identifier is issued."""
        patient = {"name": name, "birth_date": "1961-03-07", "hospital_number": f"H{secrets.randbelow(10**6):06}"}
        body = {"site": SITE, "patient": patient, "product_code": script.product, "weight_kg": "71.5"}
        body |= {"physician": "Dr. R. Moser", "clinic": CLINIC, "consent_at": "2026-01-15T09:00:00Z"}
        return cls(stage, stage["clara"].post("orders", body), script)

    def plan(self) -> dict[str, Any]:
        """Find room, hold it, confirm it: the batch gets its number."""
        ines, soonest = self.stage["ines"], moment(self.order["placed_at"]) + AHEAD
        opening = ines.get("slots/open", order_id=self.order["id"], start=soonest.isoformat())[0]
        wanted = {"order_id": self.order["id"], "suite": opening["suite"], "start": opening["start"]}
        held = ines.post("slots", wanted)
        confirmed: dict[str, Any] = ines.post(f"slots/{held['id']}/confirm")
        return confirmed

    def collect(self) -> None:
        """Kit, labels, donation number, bag."""
        clara = self.stage["clara"]
        bag = clara.post(f"{self.path}/containers", {"description": "Apheresis"})["label"]
        clara.post(f"{self.path}/labels", {"container": bag})
        clara.post(f"{self.path}/labels")
        body = {"coi_id": self.order["coi_id"], "scan": self.scan(clara, bag, "collection"), "din": scanned_din()}
        clara.post(f"{self.path}/collections", body | {"scanned": True, "volume_ml": "180.5"})

    def labelled_bag(self) -> str:
        """An empty labelled bag: what a wrong scan may meet."""
        label: str = self.stage["clara"].post(f"{self.path}/containers", {"description": "Apheresis"})["label"]
        return label

    def deliver(self) -> None:
        """Clinic to courier to site; each hand-over is confirmed by both. Then the receipt is decided."""
        clara, kurt, logan = (self.stage[name] for name in ("clara", "kurt", "logan"))
        self._hand_over(clara, kurt, "courier", "4.1")
        self._hand_over(kurt, logan, "site", "4.4")
        bags = [self.scan(logan, label, "receipt") for label in self.labels("starting")]
        good = dict.fromkeys(("identity_ok", "shipper_ok", "logger_ok", "bag_ok", "accepted"), True)
        body = {"scans": bags, "place": "Incoming refrigerator", "signature": logan.signature()}
        logan.post(f"{self.path}/receipt", good | body)

    def ship(self) -> None:
        """Released product into a shipper, with the courier to the clinic."""
        logan, kurt, clara = (self.stage[name] for name in ("logan", "kurt", "clara"))
        bags = [self.scan(logan, label, "shipping") for label in self.labels("product")]
        body = {"scans": bags, "shipper": "SHIP-7", "seal": SEAL, "destination": CLINIC, "place": "Dispatch"}
        packed = logan.post(f"{self.path}/shipments", body | {"logger_celsius": "5.0"})
        self._take(kurt, packed["handover_id"], "product", "On the road")
        self._hand_over(kurt, clara, "clinic", "5.2", holds="product")

    def infuse(self) -> dict[str, Any]:
        """Two people at the bed compare bag, wristband and what the patient says; then the cells go back."""
        clara, carlos = self.stage["clara"], self.stage["carlos"]
        [bag] = self.labels("product")
        if self.script.use_within_minutes:
            thawed = {"scan": self.scan(clara, bag, "thaw"), "use_within_minutes": self.script.use_within_minutes}
            clara.post(f"{self.path}/thaw", thawed)
        check = clara.post(
            f"{self.path}/bedside-checks",
            {
                "bag": self.scan(clara, bag, "bedside"),
                "wristband": self.scan(clara, f"&/{self.order['coi_id']}", "wristband"),
                "second_identifier": self.order["second_identifier"],
                "signature": clara.signature(),
                "verification": clara.signature(carlos),
            },
        )
        volume = self.containers("product")[0]["volume_ml"]
        body = {"bedside_check": check["id"], "volume_ml": volume, "outcome": "complete"}
        infusion: dict[str, Any] = clara.post(f"{self.path}/infusions", body)
        return infusion

    def scan(self, person: Person, code: str, purpose: str) -> str:
        scan: str = person.post(f"{self.path}/scans", {"code": code, "purpose": purpose})["id"]
        return scan

    def containers(self, holds: str) -> list[dict[str, Any]]:
        everything = self.stage["logan"].get(f"{self.path}/containers")
        return [each for each in everything if each["holds"] == holds and each["status"] == "filled"]

    def labels(self, holds: str) -> list[str]:
        return [each["label"] for each in self.containers(holds)]

    def _hand_over(self, giver: Person, receiver: Person, to: str, celsius: str, *, holds: str = "starting") -> None:
        scans = [self.scan(giver, label, "handover") for label in self.labels(holds)]
        body = {"scans": scans, "to": to, "place": CLINIC, "seal": SEAL, "shipper": "SHIP-7"}
        offered = giver.post(f"{self.path}/handovers", body | {"logger_celsius": celsius})
        self._take(receiver, offered["id"], holds, f"With {receiver.username}")

    def _take(self, receiver: Person, handover: str, holds: str, place: str) -> None:
        scans = [self.scan(receiver, label, "handover") for label in self.labels(holds)]
        receiver.post(f"handovers/{handover}/receive", {"scans": scans, "place": place, "seal": SEAL})
