"""The operator's part: carry a step out by what `GET /steps/{id}` says it still needs, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tools.demo.client import Person
from tools.demo.readings import FILLED_ML, value_for
from tools.demo.stage import Stage

Step = dict[str, Any]


@dataclass
class Floor:
    """Olga at the tablet, Vera as second person; the lots and units they reach for."""

    stage: Stage
    batch_id: str
    order_id: str
    lots: dict[str, str]
    units: dict[str, list[dict[str, Any]]]
    report_deviation: Callable[[Step], None]
    cleared: str = ""

    @property
    def olga(self) -> Person:
        return self.stage["olga"]

    @property
    def vera(self) -> Person:
        return self.stage["vera"]

    def look(self, step_id: str) -> Step:
        found: Step = self.olga.get(f"steps/{step_id}")
        return found

    def steps(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.olga.get(f"batches/{self.batch_id}")["steps"]
        return found

    def carry_out(self, step_id: str) -> Step:
        """Start the step, give it what it asks for, sign it, and see it complete."""
        step = self.start(step_id)
        while step["status"] != "COMPLETE":
            step = self.do_next(step)
        return step

    def start(self, step_id: str) -> Step:
        step = self.look(step_id)
        if step["status"] == "IDLE":
            step = self.olga.post(f"steps/{step_id}/start")
        return step

    def do_next(self, step: Step) -> Step:
        acts: dict[str, Callable[[Step], object]] = {
            "scan": self.scan,
            "unit": self.bind,
            "entry": self.enter,
            "material": self.add_material,
            "decide": self.decide,
            "sample": self.draw_sample,
            "transfer": self.transfer,
            "send": self.send,
            "deviation": self.report_deviation,
            "verify": self.verify,
            "complete": self.complete,
        }
        wanted = next((name for name in step["acts"] if name in acts), None)
        if wanted is None:
            return self.wait_for(step)
        acts[wanted](step)
        return self.look(step["id"])

    def scan(self, step: Step) -> None:
        self.olga.post(f"steps/{step['id']}/scans", {"code": self.material_here()})

    def material_here(self) -> str:
        """The label of what is worked on: the product once there is some, before that what the batch holds."""
        containers = self.olga.get(f"orders/{self.order_id}/containers")
        ours = [each for each in containers if each["status"] == "filled" and each["holds"] != "sample"]
        ranks = {"product": 0, "intermediate": 1, "starting": 2}
        label: str = min(ours, key=lambda each: ranks[each["holds"]])["label"]
        return label

    def bind(self, step: Step) -> None:
        if "unit_missing" not in _missing(step):
            self.olga.post(f"steps/{step['id']}/units", {"code": self.room(step)})
            return
        kind = step["equipment"]["unit_class"]
        unit = next((each for each in self.units[kind] if self._is_free(each)), None)
        if unit is None:
            raise RuntimeError(f"No {kind} is free. Is another demonstration running?")
        self.olga.post(f"steps/{step['id']}/units", {"code": unit["barcode"]})

    def _is_free(self, unit: dict[str, Any]) -> bool:
        now = self.olga.get(f"units/{unit['id']}")
        ours = any(each["batch_id"] == self.batch_id for each in now["occupied_by"])
        return ours or not now["reasons_unfit"]

    def room(self, step: Step) -> str:
        """The room of the step's unit; at the last clearance, the one that was cleared first."""
        if step["equipment"]:
            self.cleared = step["equipment"]["bound"]["room"]
        return self.cleared

    def enter(self, step: Step) -> None:
        for entry in step["entries"]:
            if entry["value"] is None:
                value = value_for(step["key"], entry)
                body = {"id": str(uuid4()), "name": entry["name"], "value": value, "unit": entry["unit"]}
                self.olga.post(f"steps/{step['id']}/entries", body)

    def add_material(self, step: Step) -> None:
        for code in step["lots_needed"]:
            self.olga.post(f"steps/{step['id']}/materials", {"code": self.lots[code], "material": code})
        for need in step["materials"]:
            if not need["done"]:
                body = {"code": self.lots[need["code"]], "material": need["code"]}
                body |= {"quantity": need["quantity"], "unit": need["unit"]}
                self.olga.post(f"steps/{step['id']}/materials", body)

    def decide(self, step: Step) -> None:
        choice = step["decision"]["choices"][0]
        self.olga.post(f"steps/{step['id']}/decide", {"choice": choice, "reason": "Viability above the alert limit"})

    def draw_sample(self, step: Step) -> None:
        self.olga.post(f"steps/{step['id']}/sample")

    def transfer(self, step: Step) -> None:
        volume = FILLED_ML if step["transfer"]["action"] == "fill" else "178.5"
        self.olga.post(f"steps/{step['id']}/transfer", {"volumes_ml": [volume]})

    def send(self, step: Step) -> None:
        self.olga.post(f"steps/{step['id']}/send")

    def complete(self, step: Step) -> None:
        body = {} if step["signature"]["policy"] == "none" else {"signature": self.olga.signature(seen=step["digest"])}
        self.olga.post(f"steps/{step['id']}/complete", body)

    def verify(self, step: Step) -> None:
        """The second person signs on their own tablet; blind means that they read everything again."""
        theirs = self.vera.get(f"steps/{step['id']}")
        readings = {name: self._read_again(step, name) for name in theirs["blind_names"]}
        seen = "" if theirs["values_hidden"] else theirs["digest"]
        body = {"verification": self.vera.signature(seen=seen), "readings": readings}
        self.vera.post(f"steps/{step['id']}/verify", body)

    def _read_again(self, step: Step, name: str) -> str:
        values = {entry["name"]: entry["value"]["value"] for entry in step["entries"]}
        values |= {result["name"]: result["shown"] for result in step["results"]}
        return str(values[name])

    def wait_for(self, step: Step) -> Step:
        """Nothing to do but wait: for the unit, or for the cells."""
        before = (step["status"], step["acts"])

        def changed() -> Step | None:
            now = self.look(step["id"])
            return now if (now["status"], now["acts"]) != before else None

        words = f"{step['key']} {step['title']}"
        if "too_early" in _missing(step) or (step["timer"] and step["timer"]["due_at"]):
            with self.stage.days_pass():
                return self.stage.wait(words, changed)
        return self.stage.wait(words, changed)


def _missing(step: Step) -> set[str]:
    return {each["code"] for each in step["missing"]}
