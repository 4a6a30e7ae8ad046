"""The operator's part: carry a step out by what `GET /steps/{id}` says it still needs, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tools.demo.client import Person, Refused
from tools.demo.scripts import Script
from tools.demo.stage import WORK, Stage, moment
from tools.demo.store import Store, clean_unit, needs_cleaning

Step = dict[str, Any]
UNIT_IS_BUSY = {"command_missing", "command_open"}


@dataclass
class Floor:
    """Olga at the tablet, Vera as second person; the lots and units they reach for."""

    stage: Stage
    batch_id: str
    order_id: str
    script: Script
    store: Store
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

    def carry_out(self, step: Step) -> Step:
        """Start the step, give it what it asks for, sign it, and see it complete."""
        step = self.start(step)
        while step["status"] != "COMPLETE":
            step = self.do_next(step)
        return step

    def start(self, step: Step) -> Step:
        if step["status"] == "IDLE":
            step = self.olga.post(f"steps/{step['id']}/start")
        return step

    def do_next(self, step: Step) -> Step:
        acts: dict[str, Callable[[Step], Step]] = {
            "scan": self.scan,
            "unit": self.bind,
            "entry": self.enter,
            "material": self.add_material,
            "decide": self.decide,
            "sample": self.draw_sample,
            "transfer": self.transfer,
            "send": self.send,
            "deviation": self.explain,
            "verify": self.verify,
            "complete": self.complete,
        }
        wanted = next((name for name in step["acts"] if name in acts), None)
        if wanted is None:
            return self.wait_for(step)
        return acts[wanted](step)

    def post(self, step: Step, act: str, body: dict[str, Any] | None = None) -> Step:
        """An act of the operator; the answer is the step as it stands then."""
        changed: Step = self.olga.post(f"steps/{step['id']}/{act}", body)
        return changed

    def scan(self, step: Step) -> Step:
        return self.post(step, "scans", {"code": self.material_here()})

    def material_here(self) -> str:
        """The label of what is worked on: the product once there is some, before that what the batch holds."""
        containers = self.olga.get(f"orders/{self.order_id}/containers")
        ours = [each for each in containers if each["status"] == "filled" and each["holds"] != "sample"]
        ranks = {"product": 0, "intermediate": 1, "starting": 2}
        label: str = min(ours, key=lambda each: ranks[each["holds"]])["label"]
        return label

    def bind(self, step: Step) -> Step:
        if "unit_missing" not in _missing(step):
            return self.post(step, "units", {"code": self.room(step)})
        kind, clears = step["equipment"]["unit_class"], step["kind"] == "line_clearance"
        return self.post(step, "units", {"code": self.unit(kind, in_free_room=clears)["barcode"]})

    def unit(self, kind: str, *, in_free_room: bool = False) -> dict[str, Any]:
        """The unit we have, one that is free, or one that is free as soon as it is clean."""
        units = [self.olga.get(f"units/{unit['id']}") for unit in self.units[kind]]
        if in_free_room:
            rooms = self.rooms_for_us()
            units = [unit for unit in units if unit["room"] in rooms]
        for unit in units:
            if not unit["reasons_unfit"] or any(each["batch_id"] == self.batch_id for each in unit["occupied_by"]):
                return dict(unit)
        for unit in units:
            if needs_cleaning(unit):
                clean_unit(self.olga, self.vera, unit, self.store.now)
                return dict(unit)
        raise RuntimeError(f"No {kind} is free. Is another demonstration running?")

    def rooms_for_us(self) -> set[str]:
        """Rooms in which nobody else's material is open."""
        rooms = self.olga.get("rooms")
        return {each["code"] for each in rooms if each["status"] == "clean" or each["batch_id"] == self.batch_id}

    def room(self, step: Step) -> str:
        """The room of the step's unit; at the last clearance, the one that was cleared first."""
        if step["equipment"]:
            self.cleared = step["equipment"]["bound"]["room"]
        return self.cleared

    def enter(self, step: Step) -> Step:
        for entry in step["entries"]:
            if entry["value"] is None:
                value = self.script.value_for(step["key"], entry)
                body = {"id": str(uuid4()), "name": entry["name"], "value": value, "unit": entry["unit"]}
                self.post(step, "entries", body)
        return self.look(step["id"])

    def add_material(self, step: Step) -> Step:
        for code in step["lots_needed"]:
            step = self.post(step, "materials", {"code": self.store.lot(code), "material": code})
        for need in step["materials"]:
            if not need["done"]:
                body = {"code": self.store.lot(need["code"], need["quantity"]), "material": need["code"]}
                body |= {"quantity": need["quantity"], "unit": need["unit"]}
                step = self.post(step, "materials", body)
        return step

    def decide(self, step: Step) -> Step:
        choice = step["decision"]["choices"][0]
        return self.post(step, "decide", {"choice": choice, "reason": self.script.why_decided})

    def draw_sample(self, step: Step) -> Step:
        return self.post(step, "sample")

    def transfer(self, step: Step) -> Step:
        volume = self.script.filled_ml if step["transfer"]["action"] == "fill" else "178.5"
        return self.post(step, "transfer", {"volumes_ml": [volume]})

    def send(self, step: Step) -> Step:
        return self.post(step, "send")

    def explain(self, step: Step) -> Step:
        self.report_deviation(step)
        return self.look(step["id"])

    def complete(self, step: Step) -> Step:
        if step["signature"]["policy"] == "none":
            # A person may end a hold within its tolerance; here the cells get their whole time, and the worker ends it.
            return self.wait_for(step) if step["timer"] else self.complete_unless_done(step)
        return self.post(step, "complete", {"signature": self.olga.signature(seen=step["digest"])})

    def complete_unless_done(self, step: Step) -> Step:
        """A step that nobody signs may be completed by the worker in the moment we look away."""
        try:
            return self.post(step, "complete")
        except Refused as refusal:
            if refusal.code != "wrong_state":
                raise
            return self.look(step["id"])

    def verify(self, step: Step) -> Step:
        """The second person signs on their own tablet; blind means that they read everything again."""
        theirs = self.vera.get(f"steps/{step['id']}")
        readings = {name: self._read_again(step, name) for name in theirs["blind_names"]}
        seen = "" if theirs["values_hidden"] else theirs["digest"]
        body = {"verification": self.vera.signature(seen=seen), "readings": readings}
        self.vera.post(f"steps/{step['id']}/verify", body)
        return self.look(step["id"])

    def _read_again(self, step: Step, name: str) -> str:
        values = {entry["name"]: entry["value"]["value"] for entry in step["entries"]}
        values |= {result["name"]: result["shown"] for result in step["results"]}
        return str(values[name])

    def wait_for(self, step: Step) -> Step:
        """Nothing to do but wait: for the unit, then for the cells."""
        words, before = f"{step['key']} {step['title']}", _standing(step)

        def changed() -> Step | None:
            now = self.look(step["id"])
            return now if _standing(now) != before else None

        if step["timer"] and not _missing(step) & UNIT_IS_BUSY:
            self.let_grow(step["timer"], words)
        return self.stage.wait(words, changed)

    def let_grow(self, timer: dict[str, Any], words: str) -> None:
        """The clock runs fast up to the end of the hold and no further, however long the worker then takes."""
        self.stage.read_clock(moment(timer["now"]), WORK)
        hold = timedelta(minutes=float(timer["minutes"]))
        self.stage.wait_until(moment(timer["started_at"]) + hold, words)


def _standing(step: Step) -> tuple[Any, ...]:
    return step["status"], step["acts"], _missing(step)


def _missing(step: Step) -> set[str]:
    return {each["code"] for each in step["missing"]}
