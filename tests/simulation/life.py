"""One life: acts on engine and model side by side, compared after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, NoReturn
from uuid import UUID

import time_machine

from tests.simulation.chance import Act, Chance
from tests.simulation.device import Killed
from tests.simulation.engine import Engine
from tests.simulation.gateway import Plant
from tests.simulation.model import Refused
from tests.simulation.posting import post_twice
from tests.simulation.world import BEGIN, LIVES_PER_WORLD, RECIPES, plans_of

ACTS = 50
BETWEEN_ACTS = 1000
NO_ACT = {"work_beside_another", "sweep_beside_another"}


class Difference(AssertionError):
    """Engine and model disagree."""


@dataclass
class Told:
    """What a life was: enough to live it again."""

    seed: int
    life: int
    acts: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    killed: int = 0
    ended: str = ""

    def __str__(self) -> str:
        lines = "\n".join(f"  {number:3} {each}" for number, each in enumerate(self.acts, 1))
        return f"make simulate SEED={self.seed} LIFE={self.life}\n{lines}"


class Life:
    """`number` of a campaign names recipe and chance; the world's database is as it was furnished."""

    def __init__(self, seed: int, number: int, batches: list[UUID]) -> None:
        self.told = Told(seed, number)
        recipe = number % RECIPES
        self.model = Plant(plans_of(seed, number // LIVES_PER_WORLD, recipe))
        self.chance = Chance(self.model, Random(f"life {seed} {number}"))  # noqa: S311 - repeatable, not secret
        self.batch_id = batches[recipe]

    def live(self, acts: int = ACTS) -> Told:
        """Raises Difference with the acts that led to it."""
        with time_machine.travel(BEGIN, tick=False) as clock:
            self.clock = clock
            self.engine = Engine(self.batch_id, lambda: self.model.now)
            with self.engine.watched():
                for _ in range(acts):
                    self._one(self.chance.next())
        self.told.ended = self.model.batch.state
        return self.told

    def _one(self, act: Act) -> None:
        self.told.acts.append(f"{self.model.now / 1e6:.6f} s  {act}")
        self.told.counts[" ".join((act.name.replace("_", " "), act.way)).strip()] += 1
        if act.name == "wait":
            self._move_to(act.facts["to"])
        else:
            self._do(act)
        self._compare()
        if act.name != "wait":
            self._move_to(self.model.now + BETWEEN_ACTS)

    def _move_to(self, moment: int) -> None:
        self.model.now = moment
        self.clock.move_to(BEGIN + timedelta(microseconds=moment))

    def _do(self, act: Act) -> None:
        times = 3 if act.way == "three times" else 1
        for _ in range(times):
            got = self._by_engine(act)
            if got is None:
                self.told.killed += 1
                if self.engine.has_acted():  # its transaction had ended: what it was killed at came after that
                    self._by_model(act)
                return
            self._agree(got, self._by_model(act))

    def _by_engine(self, act: Act) -> str | None:
        """The refusal's code, nothing, or None when its process was killed."""
        self.engine.statements_left = act.killed
        try:
            if act.way == "posted twice":
                return post_twice(self.engine, act.name, act.facts)
            return self.engine.do(act.name, act.facts)
        except Killed:
            return None
        except Difference:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no refusal
            self._fail(f"the engine failed: {type(error).__name__}: {error}")
        finally:
            self.engine.statements_left = None

    def _by_model(self, act: Act) -> set[str]:
        if act.name in NO_ACT:
            return set()
        facts: dict[str, Any] = dict(act.facts)
        name = "record" if act.name == "record_twice" else act.name
        do: Callable[..., None] = getattr(self.model, name)
        try:
            do(**facts)
        except Refused as refusal:
            return refusal.codes
        return set()

    def _agree(self, got: str, expected: set[str]) -> None:
        if got:
            self.told.refused += 1
        if (got and got not in expected) or (expected and not got):
            self._fail(f"refused by the engine: {got or 'no'}; by the model: {sorted(expected) or 'no'}")

    def _compare(self) -> None:
        events, moves = self.engine.new_events()
        self._same("events", events, self.model.events)
        self._same("moves", moves, self.model.moves)
        self.model.events.clear()
        self.model.moves.clear()
        there, here = self.engine.snapshot(), self.model.snapshot()
        for name, expected in here.items():
            self._same(name, there[name], expected)
        self._same("device", self._heard(self.engine), self._heard(self.model))

    def _heard(self, side: Engine | Plant) -> object:
        """What the device was told, commands by their turn of being first told."""
        told = side.device.told
        turns = {command: turn for turn, command in enumerate(dict.fromkeys(command for command, _, _ in told))}
        return [(turns[command], name, setpoints) for command, name, setpoints in told]

    def _same(self, what: str, engine: Any, model: Any) -> None:
        if engine != model:
            self._fail(f"{what}: {_differing(engine, model)}")

    def _fail(self, words: str) -> NoReturn:
        raise Difference(f"{words}\n{self.told}")


def _differing(engine: Any, model: Any) -> str:
    if isinstance(engine, dict) and isinstance(model, dict):
        keys = [key for key in {**engine, **model} if engine.get(key) != model.get(key)]
        return "; ".join(f"{key}: engine {engine.get(key)}, model {model.get(key)}" for key in keys)
    return f"engine {engine}, model {model}"
