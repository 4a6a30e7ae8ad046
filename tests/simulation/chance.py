"""Which act comes next: mostly one that brings the batch on, often one that should be refused, sometimes a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.simulation.device import BAD_MOODS, KILLS, MOODS
from tests.simulation.gateway import Plant
from tests.simulation.model import DISPATCHER, MINUTE
from tests.simulation.tree import TABLE, Element, Step

NUMBERS = ("120", "120", "120", "200.5", "50", "400", "49.9", "400.1", "79.9", "80", "120.55", "many")
GOOD_NUMBERS = ("120", "120", "200.5", "50", "400", "80")
PEOPLE = ("olga", "olga", "olga", "vera", "sven", "quinn")
POSTED = {"command", "start", "scan", "add", "bind", "send", "record", "decide", "complete"}
ONE_TRANSACTION = {
    "command",
    "start",
    "add",
    "bind",
    "send",
    "record",
    "correct",
    "decide",
    "complete",
    "verify",
    "work",
}
DISPOSITIONS = ("quarantine", "return", "discard")
KILLED_WITHIN = 45
BAD_DAY = 0.3  # share of lives in which the device seldom does what it is told


@dataclass(frozen=True)
class Act:
    """One act with its facts; `way` is how it is delivered, `killed` before which statement its process dies."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    way: str = ""
    killed: int | None = None

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        fault = f" killed before statement {self.killed + 1}" if self.killed is not None else ""
        return f"{self.name}({facts}){' ' + self.way if self.way else ''}{fault}"


def act(name: str, /, **facts: Any) -> Act:
    return Act(name, facts)


class Chance:
    """Draws acts. It looks at the model only, so that a faulty engine changes nothing about what is drawn."""

    def __init__(self, model: Plant, random: Random) -> None:
        self.model, self.random = model, random
        self.moods = BAD_MOODS if random.random() < BAD_DAY else MOODS

    def next(self) -> Act:
        helpful = self.helpful()
        drawn = self.random.choice(helpful) if helpful and self.random.random() < 0.75 else self.anything()
        return self._with_fault(drawn)

    def _with_fault(self, drawn: Act) -> Act:
        dice = self.random.random()
        if drawn.name in ONE_TRANSACTION and dice < 0.08:
            return replace(drawn, killed=self.random.randrange(KILLED_WITHIN))
        if drawn.name in POSTED and dice < 0.2 and not drawn.facts.get("stale") and not drawn.facts.get("verifier"):
            return replace(drawn, way="posted twice") if not drawn.facts["who"].startswith("system") else drawn
        if drawn.name == "work" and dice < 0.35:
            return replace(drawn, way="three times")
        return drawn

    # -- what brings the batch on -----------------------------------------------------------------------------------

    def helpful(self) -> list[Act]:
        model = self.model
        found = [act("work")] * 2 if model.is_due() else []
        order = model.first_order()
        if order is not None:
            ready = order.look_again is None or order.look_again <= model.now
            found += [self._sweep()] * 2 if ready else [act("wait", to=order.look_again)]
        found += self._for_batch(model.batch) + self._for_quality()
        for step in model.steps:
            found += self._for_step(step)
        return found or [self._wait()]

    def _for_batch(self, batch: Element) -> list[Act]:
        if batch.state == "IDLE" and self.model.set_aside:
            return []
        name = {"IDLE": "START", "PAUSED": "RESUME", "HELD": "RESTART", "STOPPED": "RESET", "ABORTED": "RESET"}.get(
            batch.state
        )
        return [act("command", who="sven", key="batch", name=name, reason=True, signed=True)] * 2 if name else []

    def _for_quality(self) -> list[Act]:
        model = self.model
        found = [] if model.clean else [act("clean_unit")]
        for number, deviation in enumerate(model.deviations):
            found += [] if deviation.approved else [act("approve", number=number)]
        judged = [each for each in model.exceptions if each.can_be_judged and each.key]
        return found + [act("judge", key=e.key, attempt=e.attempt, kind=e.kind) for e in judged]

    def _for_step(self, step: Step) -> list[Act]:
        model = self.model
        again = {"PAUSED": "RESUME", "HELD": "RESTART", "STOPPED": "RESET", "ABORTED": "RESET"}.get(step.state)
        if again and model.batch.state == "RUNNING":
            return [act("command", who="sven", key=step.key, name=again, reason=True, signed=True)]
        if step.state == "IDLE" and not model.closed_gates(step):
            return [act("start", who="olga", key=step.key)] * 2
        if step.state != "RUNNING" or model.batch.state != "RUNNING":
            return []
        missing = model.missing(step)
        missing = missing - {"command_missing"} if "unit_missing" in missing else missing
        return (
            [found for code in sorted(missing) for found in self._provide(step, code)] if missing else self._end(step)
        )

    def _provide(self, step: Step, code: str) -> list[Act]:
        provide: dict[str, Callable[[], Act]] = {
            "scan_missing": lambda: act("scan", who="olga", key=step.key),
            "unit_missing": lambda: act("bind", who="olga", key=step.key),
            "entry_missing": lambda: self._record(step, self.random.choice((GOOD_NUMBERS, NUMBERS))),
            "material_missing": lambda: act("add", who="olga", key=step.key, amount="1"),
            "decision_missing": lambda: act(
                "decide", who="olga", key=step.key, choice=self.random.choice(step.plan.choices)
            ),
            "command_missing": lambda: act("send", who="olga", key=step.key),
            "command_failed": lambda: act("send", who="olga", key=step.key),
            "too_early": self._wait,
            "deviation_missing": lambda: act("explain", key=step.key),
        }
        return [provide[code]()] if code in provide else []

    def _end(self, step: Step) -> list[Act]:
        if step.plan.signature == "verified_observed" and step.is_signed:
            return [act("verify", who="vera", key=step.key)]
        second = self.random.choice(("", "vera")) if step.plan.signature == "verified_observed" else ""
        ending = act("complete", who="olga", key=step.key, signed=True, stale=False, verifier=second)
        return [ending, self._wait()] if step.plan.hold else [ending]

    # -- anything ---------------------------------------------------------------------------------------------------

    def anything(self) -> Act:
        kinds: tuple[Callable[[], Act], ...] = (
            *[self._wait] * 4,
            *[self._sweep] * 2,
            *[self._command_batch] * 3,
            *[self._command_step] * 3,
            *[lambda: act("work")] * 2,
            *[self._any_record] * 2,
            *[self._any_correction] * 3,
            *[self._any_end] * 3,
            *[self._temptation] * 8,
            self._any_start,
            self._any_other,
            self._any_other,
            self._beside_another,
        )
        return self.random.choice(kinds)()

    def _temptation(self) -> Act:
        """What must be refused just now, and would be easy to let pass."""
        model = self.model
        if model.batch.state in {"IDLE", "PAUSED"} and self.random.random() < 0.5:
            name = "START" if model.batch.state == "IDLE" else "RESUME"
            return act("command", who=DISPATCHER, key="batch", name=name, reason=True, signed=False)
        found = [act("start", who="olga", key=each.key) for each in model.steps if each.state == "IDLE"]
        for step in model.steps:
            found += self._tempting(step)
        return self.random.choice(found) if found else self._wait()

    def _tempting(self, step: Step) -> list[Act]:
        facts: dict[str, Any] = {"who": "olga", "key": step.key}
        ended = step.state == "COMPLETE" and step.parent is not None and step.parent.state == "COMPLETE"
        found = [act("command", **facts | {"who": "sven"}, name="RESET", reason=True, signed=True)] if ended else []
        found += [act("record", **facts, name=name, text="120") for name in step.values]
        found += [act("correct", **facts, name=name, text="120", signed=False) for name in step.values if ended]
        if step.plan.signature == "verified_observed" and step.state == "RUNNING":
            found += [act("verify", **facts), act("complete", **facts, signed=True, stale=False, verifier="olga")]
        return found

    def _who(self) -> str:
        return self.random.choice(PEOPLE)

    def _any_step(self) -> Step:
        running = [each for each in self.model.steps if each.state != "IDLE"]
        return self.random.choice(running if running and self.random.random() < 0.8 else self.model.steps)

    def _command_batch(self) -> Act:
        return self._command("batch", self.model.batch)

    def _command_step(self) -> Act:
        step = self._any_step()
        return self._command(step.key, step)

    def _command(self, key: str, element: Element) -> Act:
        possible = [
            name for name in TABLE if element.can(name) and not (name == "RESET" and element.state == "COMPLETE")
        ]
        name = self.random.choice(possible if possible and self.random.random() < 0.7 else list(TABLE))
        who = self.random.choice(("olga", "sven", "sven", "sven", DISPATCHER))
        signed = self.random.random() < 0.9 and not who.startswith("system")
        facts = {"reason": self.random.random() < 0.9, "signed": signed}
        return act("command", who=who, key=key, name=name, **facts, **self._material(key, name))

    def _material(self, key: str, name: str) -> dict[str, str]:
        """Whoever aborts a batch says what becomes of the cells; some forget, some say it where it is not asked."""
        says = key == "batch" and self.random.random() < (0.9 if name == "ABORT" else 0.05)
        return {"disposition": self.random.choice(DISPOSITIONS)} if says else {}

    def _any_start(self) -> Act:
        return act("start", who=self._who(), key=self.random.choice(self.model.steps).key)

    def _record(self, step: Step, numbers: tuple[str, ...]) -> Act:
        names = [each.name for each in step.plan.values if each.name not in step.values] or ["volume"]
        name = self.random.choice((*names, "nothing") if numbers is NUMBERS else names)
        twice = "record_twice" if self.random.random() < 0.15 else "record"
        return act(twice, who="olga", key=step.key, name=name, text=self.random.choice(numbers))

    def _any_record(self) -> Act:
        return self._record(self._any_step(), NUMBERS)

    def _any_correction(self) -> Act:
        steps = [each for each in self.model.steps if each.values]
        if not steps:
            return self._any_record()
        step = self.random.choice(steps)
        facts = {"name": self.random.choice(sorted(step.values)), "text": self.random.choice(NUMBERS)}
        signed = step.state == "COMPLETE" and self.random.random() < 0.9
        return act("correct", who=self._who(), key=step.key, signed=signed, **facts)

    def _any_end(self) -> Act:
        step, who = self._any_step(), self._who()
        if self.random.random() < 0.3:
            return act("verify", who=self.random.choice(("olga", "vera")), key=step.key)
        facts = {"signed": self.random.random() < 0.9, "stale": self.random.random() < 0.1}
        return act("complete", who=who, key=step.key, verifier=self.random.choice(("", "vera", "olga")), **facts)

    def _any_other(self) -> Act:
        step, who = self._any_step(), self._who()
        choices: tuple[Act, ...] = (
            act("bind", who=who, key=step.key),
            act("send", who=who, key=step.key),
            act("scan", who="olga", key=step.key),
            act("add", who=who, key=step.key, amount=self.random.choice(("1", "0.95", "1.05", "1.06"))),
            act("decide", who=who, key=step.key, choice=self.random.choice(("left", "right", "up"))),
        )
        return self.random.choice(choices)

    def _sweep(self) -> Act:
        kill = self.random.choice(KILLS) if self.random.random() < 0.25 else ""
        return act("sweep", mood=self.random.choice(self.moods), kill=kill)

    def _beside_another(self) -> Act:
        order = self.model.first_order()
        if order is not None and order.status == "requested":
            return act("sweep_beside_another")
        return act("work_beside_another")

    def _wait(self) -> Act:
        """Until just before, at, or just after an instant that matters, or some time."""
        ahead = sorted(moment for moment in self._instants() if moment > self.model.now)
        if not ahead or self.random.random() < 0.1:
            return act("wait", to=self.model.now + self.random.randrange(30 * MINUTE))
        return act("wait", to=self.random.choice(ahead[: self.random.choice((1, 2, 3, 6))]))

    def _instants(self) -> set[int]:
        found: set[int | None] = set()
        for step in self.model.steps:
            if step.state == "RUNNING":
                found |= {step.opens, step.late, step.due}
            if step.state == "IDLE":
                found |= set(self.model.window(step))
        for order in self.model.orders:
            found |= {order.look_again, order.give_up}
        return {each + off for each in found if each is not None for off in (-1, 0, 1)}
