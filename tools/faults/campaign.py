"""The campaign: a plant under load, killed at random points, and the comparison at its end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from time import monotonic

import psycopg

from mes.embedded import Postgres, Valkey
from mes.embedded.postgres import DATABASE, SUPERUSER
from tools.environment import installation
from tools.faults.ledger import Findings, Ledger
from tools.faults.load import Operator
from tools.faults.plant import MANAGE, ROOT, Plant

OPERATORS = 6
BETWEEN_KILLS = (0.3, 1.5)
SPARED = 0.5  # share of blows that wait until Baton works again; the others may hit what is still getting up
LONGEST_SPARED = 60.0
DRAIN = 120.0

Say = Callable[[str], None]


@contextmanager
def installed(directory: Path) -> Iterator[tuple[Postgres, Valkey, dict[str, str]]]:
    """The servers with the schema in them; the environment names them, here and for every process."""
    postgres, valkey = Postgres(directory / "postgres"), Valkey(directory / "valkey")
    postgres.start()
    valkey.start()
    try:
        environment = installation(directory) | {
            "BATON_DATA_DIR": str(directory / "data"),
            "BATON_LOG_LEVEL": "CRITICAL",
            "DATABASE_URL": postgres.runtime_url,
            "DATABASE_OWNER_URL": postgres.owner_url,
            "DJANGO_SETTINGS_MODULE": "mes.settings",
            "REDIS_URL": valkey.url,
        }
        (directory / "data").mkdir(exist_ok=True)
        subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        yield postgres, valkey, environment
    finally:
        valkey.stop()
        postgres.stop()


class Campaign:
    """`kills` blows drawn from `seed`, while operators work. `findings` compares what was acknowledged with what is."""

    def __init__(self, plant: Plant, *, kills: int, seed: int, say: Say) -> None:
        self.plant, self.kills, self.say = plant, kills, say
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.ledger = Ledger()
        self.blows: Counter[str] = Counter()
        self.enough = Flag()

    def run(self, token: str, signature: dict[str, str], work: list[list[str]]) -> Findings:
        operators = [self._operator(number, token, signature, steps) for number, steps in enumerate(work)]
        for operator in operators:
            operator.start()
        self._strike()
        self.enough.set()
        self._drain(operators)
        with psycopg.connect(self.plant.postgres.url(SUPERUSER, DATABASE), autocommit=True) as database:
            return self.ledger.compare(database)

    def _operator(self, number: int, token: str, signature: dict[str, str], steps: list[str]) -> Operator:
        chance = random.Random(number)  # noqa: S311
        return Operator(self.plant.address, token, signature, f"INC-{number}", steps, self.ledger, chance, self.enough)

    def _strike(self) -> None:
        kills = self.plant.kills()
        for number in range(self.kills):
            if self.chance.random() < SPARED:
                self.ledger.wait_for_life(LONGEST_SPARED)
            Flag().wait(self.chance.uniform(*BETWEEN_KILLS))
            name = self.chance.choice(sorted(kills))
            self.say(f"{number + 1} of {self.kills}: {name}")
            self.ledger.killed()
            kills[name]()
            self.blows[name] += 1

    def _drain(self, operators: list[Operator]) -> None:
        """Whoever has begun finishes: a hold that never ends shows here."""
        until = monotonic() + DRAIN
        for operator in operators:
            operator.join(max(0.0, until - monotonic()))
        stuck = [operator for operator in operators if operator.is_alive()]
        refused = [line for operator in operators for line in operator.refused]
        if stuck or refused:
            waiting = [operator.waits_for for operator in stuck]
            raise RuntimeError(f"Steps that do not end: {waiting}; refused: {refused}\n{self.plant.last_words()}")


def records_hold(environment: dict[str, str]) -> bool:
    done = subprocess.run([*MANAGE, "verify_records"], cwd=ROOT, env=environment, check=False, capture_output=True)
    return done.returncode == 0


def prepare_django(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
