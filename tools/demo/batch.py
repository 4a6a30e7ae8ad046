"""Manufacture: the batch is issued and run; what goes wrong on the way is caught, recorded and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.demo import store
from tools.demo.client import Refused
from tools.demo.floor import Floor, Step
from tools.demo.journey import Journey
from tools.demo.scripts import Script
from tools.demo.stage import Stage, moment

WRONG_BAG = {
    "investigation": "An empty bag of another order lay on the trolley. It was never connected.",
    "impact": "None: the scan stopped the step before anything was opened.",
    "other_batches": "None: the other bag is intact and back in its own tray.",
    "conclusion": "Go on with the right bag. Trolleys are cleared before a batch starts.",
}


@dataclass
class Manufacture:
    """One batch from its number to its last step."""

    stage: Stage
    journey: Journey
    slot: dict[str, Any]
    wrong_bag: str

    @property
    def script(self) -> Script:
        return self.journey.script

    @property
    def path(self) -> str:
        return f"batches/{self.slot['batch_id']}"

    def run(self) -> None:
        self.stage.wait_until(moment(self.slot["start"]))
        batch = self.issue()
        self.floor = self.equip(batch)
        self.stage["olga"].post(f"{self.path}/commands", {"command": "START"})
        for step in batch["steps"]:
            self.do(step["id"], step["key"])

    def train(self, batch: dict[str, Any]) -> None:
        """Nobody works by a recipe version they were not trained on."""
        body = {"subject": f"recipe:{batch['recipe']}", "version": batch["recipe_version"]}
        for name in ("olga", "vera", "sven"):
            person = self.stage[name].get("me")["id"]
            self.stage["quinn"].post(f"users/{person}/training", body)

    def issue(self) -> dict[str, Any]:
        """The planned start comes; the supervisor checks the record against its master and signs."""
        sven = self.stage["sven"]
        planned = sven.get(self.path)
        self.train(planned)
        signature = sven.signature(seen=planned["digest"])
        batch: dict[str, Any] = sven.post(f"{self.path}/issue", {"signature": signature})
        return batch

    def equip(self, batch: dict[str, Any]) -> Floor:
        now = batch["issued_at"]
        return Floor(
            stage=self.stage,
            batch_id=batch["id"],
            order_id=self.journey.order["id"],
            script=self.script,
            store=store.Store(self.stage, now, self.script.attributes),
            units=store.units(self.stage, now),
            report_deviation=self.explain,
        )

    def do(self, step_id: str, key: str) -> None:
        step = self.floor.look(step_id)
        if not step["needed"]:
            return
        self.stage.progress.advance(f"day {step['day']:>2} · {step['title']}")
        if key == self.script.wrong_bag_at:
            step = self.scan_wrong_bag(step)
        if key == self.script.held_at:
            step = self.hold_and_restart(step)
        self.floor.carry_out(step)

    def scan_wrong_bag(self, step: Step) -> Step:
        """A bag of another patient: a hard stop that nobody passes alone."""
        olga = self.stage["olga"]
        self.floor.start(step)
        try:
            olga.post(f"steps/{step['id']}/scans", {"code": self.wrong_bag})
        except Refused as refusal:
            if refusal.code != "wrong_bag":
                raise
            self.stage.progress.say(f"  stopped: {refusal}")
        else:
            raise RuntimeError("Baton let another patient's bag into the batch.")
        self.stage.wait("the batch comes to rest", lambda: olga.get(self.path)["status"] == "HELD")
        self.decide_exceptions("The other bag was put back into its own tray.")
        for deviation in olga.get(f"{self.path}/deviations"):
            if deviation["status"] == "open":
                self.settle(deviation, WRONG_BAG)
        self.restart()
        return self.floor.look(step["id"])

    def hold_and_restart(self, step: Step) -> Step:
        """The operator holds a step; the supervisor restarts it over a signature."""
        olga, sven, commands = self.stage["olga"], self.stage["sven"], f"steps/{step['id']}/commands"
        self.floor.start(step)
        olga.post(commands, {"command": "HOLD", "reason": self.script.why_held})
        self.come_to(step, "HELD")
        self.stage.progress.say(f"  held: {self.script.why_held}; restarted by the supervisor")
        sven.post(commands, {"command": "RESTART", "signature": sven.signature()})
        return self.come_to(step, "RUNNING")

    def come_to(self, step: Step, status: str) -> Step:
        def there() -> Step | None:
            now = self.floor.look(step["id"])
            return now if now["status"] == status else None

        return self.stage.wait(f"the step becomes {status.lower()}", there)

    def restart(self) -> None:
        sven = self.stage["sven"]
        sven.post(f"{self.path}/commands", {"command": "RESTART", "signature": sven.signature()})
        self.stage.wait("the batch restarts", lambda: sven.get(self.path)["status"] == "RUNNING")

    def explain(self, step: Step) -> None:
        """A value out of its limits is true: it becomes a deviation, investigated and approved by others."""
        body = {
            "title": f"{step['title']}: a value is outside its limits",
            "description": "The value was read twice and is true.",
            "severity": "medium",
            "exceptions": [each["id"] for each in step["exceptions"]],
            "step": step["id"],
        }
        deviation = self.stage["olga"].post(f"{self.path}/deviations", body)
        self.settle(deviation, self.script.investigation)

    def settle(self, deviation: dict[str, Any], found: Mapping[str, str]) -> None:
        """The supervisor investigates, quality approves and closes: nobody approves their own investigation."""
        sven, quinn = self.stage["sven"], self.stage["quinn"]
        self.stage.progress.say(f"  deviation {deviation['number']}: {deviation['title']}")
        path = f"deviations/{deviation['id']}"
        sven.post(f"{path}/investigate", dict(found))
        quinn.post(f"{path}/approve", {"signature": quinn.signature()})
        quinn.post(f"{path}/close", {"follow_up": "Part of the next training."})

    def decide_exceptions(self, decision: str) -> None:
        quinn = self.stage["quinn"]
        for found in quinn.get(f"{self.path}/exceptions"):
            if found["status"] == "open":
                body = {"decision": decision, "signature": quinn.signature()}
                quinn.post(f"exceptions/{found['id']}/decide", body)
