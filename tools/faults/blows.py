"""The ways in which a plant is hurt: kills, which are over at once, and hardships, which last."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from time import time
from uuid import uuid4

import redis
from django.conf import settings

from mes.celery import app
from mes.embedded import Postgres, Valkey
from tools.faults.plant import Plant, Process

Blow = Callable[[], None]
FAKETIME = "faketime/libfaketime.so.1"
A_QUARTER_WRONG = ("+15m", "-15m")
LINK_CUT_SECONDS, DISK_FULL_SECONDS = 8.0, 8.0
ROUNDS_OF_TRIPLES = 5


class Blows:
    """`kills` and `hardships` by name. `left_out` says which this machine cannot do, and why.

    `outages` are the times (seconds since 1970) in which there was no database to do anything with.
    """

    def __init__(self, plant: Plant, chance: random.Random, *, away: float) -> None:
        self.plant, self.chance, self.away = plant, chance, away
        self.outages: list[tuple[float, float]] = []
        self.left_out: dict[str, str] = {}
        self.kills: dict[str, Blow] = {name: self._again(process) for name, process in plant.processes.items()}
        self.kills |= {
            "broker": self._again(plant.valkey),
            "broker wiped": self._wipe,
            "database": self._database_killed,
        }
        self.hardships: dict[str, Blow] = {
            "database away": self._database_away,
            "equipment link cut": self._link_cut,
            "tasks delivered three times": self._triples,
        }
        self._if_possible("clock 15 minutes wrong", self._wrong_clock, faketime() is not None, "faketime is missing")
        self._if_possible("gateway's disk full", self._disk_full, plant.disk.is_small, "no right to mount a disk")

    def _if_possible(self, name: str, blow: Blow, possible: bool, why_not: str) -> None:
        if possible:
            self.hardships[name] = blow
        else:
            self.left_out[name] = why_not

    def _again(self, process: Process | Postgres | Valkey) -> Blow:
        def kill_and_start() -> None:
            process.kill()
            process.start()

        return kill_and_start

    def _wipe(self) -> None:
        with redis.Redis.from_url(self.plant.valkey.url) as broker:
            broker.flushall()

    def _database_killed(self) -> None:
        with self._without_database():
            pass

    def _database_away(self) -> None:
        with self._without_database():
            Flag().wait(self.away)

    def _disk_full(self) -> None:
        """With the database away: only then is there something to write."""
        self.plant.disk.fill()
        with self._without_database():
            Flag().wait(DISK_FULL_SECONDS)
        self.plant.disk.empty()

    def _link_cut(self) -> None:
        self.plant.link.cut()
        Flag().wait(LINK_CUT_SECONDS)
        self.plant.link.mend()

    def _triples(self) -> None:
        """Everything a beat asks for, under one id three times."""
        for _ in range(ROUNDS_OF_TRIPLES):
            for name in settings.BEAT:
                number = str(uuid4())
                for _ in range(3):
                    app.send_task(name, task_id=number)

    def _wrong_clock(self) -> None:
        """One process lives on a machine whose clock is wrong, until it is killed the next time."""
        name = self.chance.choice(sorted(self.plant.processes))
        process = self.plant.processes[name]
        process.kill()
        process.start(
            LD_PRELOAD=str(faketime()),
            FAKETIME=self.chance.choice(A_QUARTER_WRONG),
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )

    @contextmanager
    def _without_database(self) -> Iterator[None]:
        begin = time()
        self.plant.postgres.kill()
        yield
        self.plant.postgres.start()
        self.outages.append((begin, time()))


def faketime() -> Path | None:
    """The library that shows a process another time, where it is installed."""
    return next(iter(sorted(Path("/usr/lib").glob(f"*/{FAKETIME}"))), None)
