"""One patient from order to infusion, with people who try what they must not; and the record that it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from tests.journeys.house import House
from tests.papers import words_of
from tests.plant.site import Plant
from tools.demo.batch import Manufacture
from tools.demo.client import Refused
from tools.demo.floor import Floor, Step
from tools.demo.journey import Journey
from tools.demo.release import Quality
from tools.demo.scripts import Script
from tools.demo.stage import moment

# Step → entry → what Olga types first, and corrects before she signs.
SLIPS = {"CART-A": ("S200", "volume", "110.0"), "CART-B": ("S150", "volume", "110.0")}
WHY_CORRECTED = "I read the wrong line"
Refusals = dict[str, Refused]


def refused(refusals: Refusals, name: str, attempt: Callable[[], object]) -> None:
    """Try what must be refused, once in a story, and keep the answer."""
    if name in refusals:
        return
    try:
        attempt()
    except Refused as refusal:
        refusals[name] = refusal
    else:
        raise AssertionError(f"Baton allowed: {name}")


@dataclass
class TemptedFloor(Floor):
    """Olga makes one slip and tries to be her own second person."""

    refusals: Refusals = field(default_factory=dict)

    def enter(self, step: Step) -> Step:
        slip_at, name, typed = SLIPS[self.script.product]
        if step["key"] == slip_at:
            self.slip_and_correct(step, name, typed)
            step = self.look(step["id"])
        return super().enter(step)

    def slip_and_correct(self, step: Step, name: str, typed: str) -> None:
        unit = next(entry["unit"] for entry in step["entries"] if entry["name"] == name)
        body = {"id": str(uuid4()), "name": name, "value": typed, "unit": unit}
        first = self.olga.post(f"steps/{step['id']}/entries", body)
        right = {"id": str(uuid4()), "value": self.script.readings[step["key"]][name], "unit": unit}
        self.olga.post(f"steps/{step['id']}/entries/{first['id']}/correct", right | {"reason": WHY_CORRECTED})

    def verify(self, step: Step) -> Step:
        own = {"verification": self.olga.signature(), "readings": {}}
        refused(self.refusals, "verify own work", lambda: self.olga.post(f"steps/{step['id']}/verify", own))
        return super().verify(step)


@dataclass
class TemptedManufacture(Manufacture):
    """Work before its turn and a restart without a supervisor are tried, and refused."""

    refusals: Refusals = field(default_factory=dict)

    def equip(self, batch: dict[str, Any]) -> Floor:
        olga, last = self.stage["olga"], batch["steps"][-1]
        refused(self.refusals, "start before the batch runs", lambda: olga.post(f"steps/{last['id']}/start"))
        return TemptedFloor(**vars(super().equip(batch)), refusals=self.refusals)

    def do(self, step_id: str, key: str) -> None:
        super().do(step_id, key)
        last = self.stage["olga"].get(self.path)["steps"][-1] if "jump ahead" not in self.refusals else {"id": ""}
        refused(self.refusals, "jump ahead", lambda: self.stage["olga"].post(f"steps/{last['id']}/start"))

    def restart(self) -> None:
        olga = self.stage["olga"]
        body = {"command": "RESTART", "signature": olga.signature()}
        refused(self.refusals, "restart alone", lambda: olga.post(f"{self.path}/commands", body))
        super().restart()


@dataclass
class CountingQuality(Quality):
    """Nobody types a viability: the counter leaves its file, and the analyst signs which test it answers."""

    plant: Plant = field(kw_only=True)

    def signed(self, sample: str, test: str, value: str, unit: str) -> dict[str, Any]:
        if test != "viability":
            return super().signed(sample, test, value, unit)
        carl = self.stage["carl"]
        code = carl.get(f"samples/{sample}")["code"]
        self.plant.count(code, viability=value)

        def come() -> dict[str, Any] | None:
            waiting = carl.get("file-matches", status="waiting")["results"]
            return next((each for each in waiting if each["run"]["sample_id"] == code), None)

        match = self.stage.wait(f"the counter's file of {code}", come)
        body = {"sample_id": sample, "answers": {"viability": "viability"}, "amount": "1", "amount_unit": "mL"}
        carl.post(f"file-matches/{match['id']}/match", body | {"signature": carl.signature()})
        results: list[dict[str, Any]] = carl.get(f"samples/{sample}/results")["results"]
        return next(each for each in results if each["test_id"] == test)


@dataclass
class Played:
    """A story that was played to its end, and how to read what it left."""

    house: House
    journey: Journey
    manufacture: TemptedManufacture
    quality: Quality
    refusals: Refusals
    blocks_before: dict[str, Any] = field(default_factory=dict)

    @property
    def script(self) -> Script:
        return self.journey.script

    @property
    def path(self) -> str:
        return self.manufacture.path

    def get(self, who: str, path: str, **query: str) -> Any:
        return self.house[who].get(path, **query)

    @cached_property
    def batch(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("quinn", self.path)
        return found

    @cached_property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("quinn", f"{self.path}/record")
        return found

    @cached_property
    def steps(self) -> dict[str, dict[str, Any]]:
        return {step["key"]: step for step in self.record["steps"]}

    @cached_property
    def certificates(self) -> list[dict[str, Any]]:
        """Every version, oldest first; the worker has made the last one by then."""
        self.quality.certificate()
        found: list[dict[str, Any]] = self.get("petra", "certificates", batch=self.batch["number"])["results"]
        return sorted(found, key=lambda each: each["number"])

    @cached_property
    def certificate(self) -> str:
        return words_of(self.quality.certificate())

    @cached_property
    def batch_record(self) -> str:
        return words_of(self.quality.batch_record(self.quality.ask_for_batch_record()))

    @cached_property
    def chain(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("logan", f"{self.journey.path}/chain-report")
        return found

    @cached_property
    def chain_report(self) -> str:
        return words_of(self.house["logan"].download(f"{self.journey.path}/chain-report.pdf"))


def play(house: House, script: Script) -> Played:
    """From order to infusion, and on to the results that come late."""
    refusals: Refusals = {}
    journey = Journey.ordered(house, "Ana Muster", script)
    stranger = Journey.ordered(house, "Ben Muster", script).labelled_bag()
    slot = journey.plan()
    house.wait_until(moment(slot["collection_start"]))
    journey.collect()
    journey.deliver()
    manufacture = TemptedManufacture(house, journey, slot, stranger, refusals)
    manufacture.run()
    assert house.plant
    quality = CountingQuality(house, manufacture, plant=house.plant)
    played = Played(house, journey, manufacture, quality, refusals)
    quality.test()
    hurry(played)
    quality.release("released_pending" if script.late else "released")
    journey.ship()
    journey.infuse()
    if script.late:
        quality.late_results()
        quality.release("released")
    return played


def hurry(played: Played) -> None:
    """Made is not released: results are pending, nothing is reviewed, and still somebody wants to release and ship."""
    house, path = played.house, played.path
    played.blocks_before = played.get("petra", f"{path}/review")
    body = {"decision": "released", "comment": "Urgent"}
    for who in ("petra", "sven"):
        signed = body | {"signature": house[who].signature(full=True)}
        refused(played.refusals, f"release by {who}", lambda: house[who].post(f"{path}/release", signed))  # noqa: B023
    refused(played.refusals, "ship", played.journey.ship)
