"""What Baton acknowledged, written down outside of it, and what its database says of that afterwards."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from threading import Condition
from time import monotonic

import psycopg

ACTS = """
SELECT action, subject_id::text, count(*) FROM records_event WHERE subject_id = ANY(%s::uuid[]) GROUP BY 1, 2
"""
ENTRIES = "SELECT id::text, value FROM batches_entry WHERE step_id = ANY(%s::uuid[])"
SIGNED = """
SELECT subject_id::text, count(*) FROM records_signature
WHERE meaning = 'performed' AND subject_id = ANY(%s::uuid[]) GROUP BY 1
"""
STEPS = "SELECT id::text, batch_id::text, position, started_at, ended_at FROM batches_step WHERE id = ANY(%s::uuid[])"
# A hold ends by a move of its own; its deadline is in the history of the step, since a finished step has none.
ENDS = """
SELECT step.id::text, extract(epoch FROM step.ended_at - due.at), moves.number
FROM batches_step step,
  LATERAL (SELECT max(due_at) AS at FROM batches_historicalstep old WHERE old.id = step.id) due,
  LATERAL (SELECT count(*) AS number FROM records_event, jsonb_array_elements(moves) move
           WHERE batch_id = step.batch_id AND move->>'subject' = step.id::text AND move->>'to' = 'COMPLETE') moves
WHERE step.id = ANY(%s::uuid[])
"""


@dataclass
class Findings:
    """What was found. Everything but `acknowledged`, `timers` and the times must be 0."""

    acknowledged: int = 0
    timers: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    early: int = 0
    lateness_seconds: dict[str, float] = field(default_factory=dict)
    recovery_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.out_of_order or self.early)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Ledger:
    """Thread-safe; kept in the memory of the campaign, which nothing kills."""

    def __init__(self) -> None:
        self._lock = Condition()
        self.acts: list[tuple[str, str]] = []
        self.entries: dict[str, str] = {}
        self.holds: list[str] = []
        self.at: list[float] = []
        self.kills: list[float] = []

    def acknowledge(self, action: str, step: str, *, entry: str = "", value: str = "") -> None:
        with self._lock:
            self.at.append(monotonic())
            self.acts.append((action, step))
            if entry:
                self.entries[entry] = value
            self._lock.notify_all()

    def hold_began(self, step: str) -> None:
        with self._lock:
            self.holds.append(step)

    def killed(self) -> None:
        with self._lock:
            self.kills.append(monotonic())

    def wait_for_life(self, seconds: float) -> None:
        """Until something was acknowledged after the last kill, but no longer than that."""
        with self._lock:
            self._lock.wait_for(lambda: not self.kills or (self.at and self.at[-1] > self.kills[-1]), seconds)

    def compare(self, database: psycopg.Connection) -> Findings:
        steps = sorted({step for _, step in self.acts})
        known = {(action, step): number for action, step, number in database.execute(ACTS, [steps])}
        found = Findings(acknowledged=len(self.acts), timers=len(self.holds))
        for act in self.acts:
            found.lost += act not in known
            found.doubled += known.get(act, 0) > 1
        self._compare_values(database, steps, found)
        self._compare_ends(database, found)
        found.out_of_order = _out_of_order(database.execute(STEPS, [steps]).fetchall())
        found.recovery_seconds = spread(self._recoveries())
        return found

    def _compare_values(self, database: psycopg.Connection, steps: Sequence[str], found: Findings) -> None:
        there: dict[str, str] = dict(database.execute(ENTRIES, [list(steps)]).fetchall())
        found.lost += sum(there.get(entry) != value for entry, value in self.entries.items())
        found.doubled += max(0, len(there) - len(self.entries))
        found.doubled += sum(number > 1 for _, number in database.execute(SIGNED, [list(steps)]))

    def _compare_ends(self, database: psycopg.Connection, found: Findings) -> None:
        late = []
        for _, seconds, number in database.execute(ENDS, [self.holds]).fetchall():
            found.lost += number == 0
            found.doubled += number > 1
            if seconds is not None:
                found.early += seconds < 0
                late.append(float(seconds))
        found.lateness_seconds = spread(late)

    def _recoveries(self) -> list[float]:
        """From each kill to the next acknowledgement after it."""
        return [min(at - kill for at in self.at if at > kill) for kill in self.kills if self.at and self.at[-1] > kill]


def spread(values: Iterable[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return {"p50": round(statistics.median(ordered), 3), "p99": round(p99, 3), "max": round(ordered[-1], 3)}


def _out_of_order(rows: list[tuple[str, str, int, object, object]]) -> int:
    """Steps of one batch that began before the one before them had ended."""
    wrong = 0
    ordered = sorted(rows, key=lambda row: (row[1], row[2]))
    for before, after in pairwise(ordered):
        if before[1] == after[1] and after[3] is not None:
            wrong += before[4] is None or before[4] > after[3]  # type: ignore[operator]
    return wrong
