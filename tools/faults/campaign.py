"""The campaign: a plant under load, killed at random points, and the comparison at its end."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from time import monotonic

import psycopg

from mes.embedded.postgres import DATABASE, SUPERUSER
from tools.faults.blows import Blows
from tools.faults.device import STEPS_PER_DEGREE
from tools.faults.ledger import Findings, Ledger
from tools.faults.load import Operator, Round
from tools.faults.plant import Plant
from tools.installed import ROOT
from tools.processes import MANAGE

OPERATORS = 6
BETWEEN_KILLS = (0.3, 1.5)
SPARED = 0.5  # share of blows that wait until Baton works again; the others may hit what is still getting up
LONGEST_SPARED = 60.0
KILLS_PER_HARDSHIP = 25
DRAIN = 120.0

Say = Callable[[str], None]


class Campaign:
    """`kills` and hardships drawn from `seed`, while operators work. What was acknowledged is compared with what is."""

    def __init__(self, plant: Plant, *, kills: int, seed: int, away: float, say: Say) -> None:
        self.plant, self.number, self.say = plant, kills, say
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.blows = Blows(plant, self.chance, away=away)
        self.ledger = Ledger()
        self.struck: Counter[str] = Counter()
        self.enough = Flag()
        self.twins = 0
        self.ended: Counter[str] = Counter()

    def run(self, token: str, signature: dict[str, str], work: list[list[Round]]) -> Findings:
        operators = [self._operator(number, token, signature, each) for number, each in enumerate(work, start=1)]
        for operator in operators:
            operator.start()
        self._strike()
        self.enough.set()
        self._drain(operators)
        self.twins = sum(operator.twins for operator in operators)
        with psycopg.connect(self.plant.postgres.url(SUPERUSER, DATABASE), autocommit=True) as database:
            return self.ledger.compare(database, told=_told(self.plant.told), outages=self.blows.outages)

    def _operator(self, number: int, token: str, signature: dict[str, str], rounds: list[Round]) -> Operator:
        chance = random.Random(number)  # noqa: S311
        unit = unit_code(number)
        return Operator(self.plant.address, token, signature, unit, rounds, self.ledger, chance, self.enough)

    def _strike(self) -> None:
        order = self._order()
        for number, name in enumerate(order, start=1):
            self.ended.update(self.plant.start_again())
            if name in self.blows.hardships or self.chance.random() < SPARED:
                self.ledger.wait_for_life(LONGEST_SPARED)
            Flag().wait(self.chance.uniform(*BETWEEN_KILLS))
            self.ended.update(self.plant.start_again())
            self.say(f"{number} of {len(order)}: {name}")
            self._blow(name)
            self.struck[name] += 1

    def _blow(self, name: str) -> None:
        """The clock of recovery runs from the beginning of a kill, and from the end of what lasts."""
        if name in self.blows.hardships:
            self.blows.hardships[name]()
            self.ledger.struck(name)
        else:
            self.ledger.struck(name)
            self.blows.kills[name]()

    def _order(self) -> list[str]:
        """Every hardship at least once, and one for every `KILLS_PER_HARDSHIP` kills."""
        names = sorted(self.blows.hardships)
        hardships = [names[each % len(names)] for each in range(max(len(names), self.number // KILLS_PER_HARDSHIP))]
        order = [self.chance.choice(sorted(self.blows.kills)) for _ in range(self.number)] + hardships
        self.chance.shuffle(order)
        return order

    def _drain(self, operators: list[Operator]) -> None:
        """Whoever has begun finishes: a hold that never ends shows here."""
        until = monotonic() + DRAIN
        for operator in operators:
            self.ended.update(self.plant.start_again())
            operator.join(max(0.0, until - monotonic()))
        stuck = [operator for operator in operators if operator.is_alive()]
        refused = [line for operator in operators for line in operator.refused]
        if stuck or refused:
            waiting = [operator.waits_for for operator in stuck]
            raise RuntimeError(f"Steps that do not end: {waiting}; refused: {refused}\n{self.plant.last_words()}")


def _told(log: Path) -> dict[str, list[float]]:
    """The set-points each unit was given (°C), from the log of the devices."""
    told: dict[str, list[float]] = {}
    for line in log.read_text().splitlines():
        device, value = line.split()
        told.setdefault(unit_code(int(device)), []).append(int(value) / STEPS_PER_DEGREE)
    return told


def unit_code(device: int) -> str:
    return f"INC-{device}"


def records_hold(environment: dict[str, str]) -> bool:
    done = subprocess.run([*MANAGE, "verify_records"], cwd=ROOT, env=environment, check=False, capture_output=True)
    return done.returncode == 0
