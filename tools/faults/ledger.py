"""What Baton acknowledged, written down outside of it, and what its database says of that afterwards."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from threading import Condition
from time import time
from types import MappingProxyType

import psycopg

Outage = tuple[float, float]
Told = Mapping[str, Sequence[float]]

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
SELECT step.id::text, extract(epoch FROM due.at), extract(epoch FROM step.ended_at), moves.number
FROM batches_step step,
  LATERAL (SELECT max(due_at) AS at FROM batches_historicalstep old WHERE old.id = step.id) due,
  LATERAL (SELECT count(*) AS number FROM records_event, jsonb_array_elements(moves) move
           WHERE batch_id = step.batch_id AND move->>'subject' = step.id::text AND move->>'to' = 'COMPLETE') moves
WHERE step.id = ANY(%s::uuid[])
"""
# A step has one command that was confirmed, whatever failed before it.
COMMANDED = """
SELECT given.step_id::text, count(*) FROM batches_stepcommand given JOIN equipment_command command
  ON command.id = given.command_id
WHERE command.status = 'confirmed' AND given.step_id = ANY(%s::uuid[]) GROUP BY 1
"""
READINGS = """
SELECT unit_id::text, value FROM equipment_reading WHERE tag = 'temperature' AND value IS NOT NULL ORDER BY unit_id, at
"""


@dataclass
class Findings:
    """What was found. What is lost, doubled, out of order or early must be 0.

    Lateness is that of holds, from the time they were due to their end: as it was, and without the time in which there
    was no database to write the end into. Recovery is from a blow to the next acknowledgement.
    """

    acknowledged: int = 0
    timers: int = 0
    commands: int = 0
    readings: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    early: int = 0
    lateness_seconds: dict[str, float] = field(default_factory=dict)
    lateness_seconds_with_a_database: dict[str, float] = field(default_factory=dict)
    recovery_seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.out_of_order or self.early)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Ledger:
    """Thread-safe; kept in the memory of the campaign, which nothing kills. Times are seconds since 1970."""

    def __init__(self) -> None:
        self._lock = Condition()
        self.acts: Counter[tuple[str, str]] = Counter()
        self.entries: dict[str, str] = {}
        self.commands: dict[str, tuple[str, float]] = {}
        self.holds: list[str] = []
        self.at: list[float] = []
        self.blows: list[tuple[str, float]] = []

    def acknowledge(self, action: str, step: str, *, entry: str = "", value: str = "") -> None:
        with self._lock:
            self.at.append(time())
            self.acts[action, step] += 1
            if entry:
                self.entries[entry] = value
            self._lock.notify_all()

    def confirmed(self, unit: str, step: str, setpoint: float) -> None:
        with self._lock:
            self.commands[step] = unit, setpoint

    def hold_began(self, step: str) -> None:
        with self._lock:
            self.holds.append(step)

    def struck(self, blow: str) -> None:
        with self._lock:
            self.blows.append((blow, time()))

    def wait_for_life(self, seconds: float) -> None:
        """Until something was acknowledged after the last blow, but no longer than that."""
        with self._lock:
            self._lock.wait_for(lambda: not self.blows or (self.at and self.at[-1] > self.blows[-1][1]), seconds)

    def compare(
        self, database: psycopg.Connection, *, told: Told = MappingProxyType({}), outages: Sequence[Outage] = ()
    ) -> Findings:
        """`told` are the set-points each unit was given, in that order, as the unit itself wrote them down."""
        steps = sorted({step for _, step in self.acts})
        known = {(action, step): number for action, step, number in database.execute(ACTS, [steps])}
        found = Findings(acknowledged=self.acts.total(), timers=len(self.holds), commands=len(self.commands))
        for act, number in self.acts.items():
            found.lost += max(0, number - known.get(act, 0))
            found.doubled += max(0, known.get(act, 0) - number)
        self._compare_values(database, steps, found)
        self._compare_ends(database, outages, found)
        self._compare_commands(database, told, found)
        _compare_readings(database, found)
        found.out_of_order += _out_of_order(database.execute(STEPS, [steps]).fetchall())
        found.recovery_seconds = self._recoveries()
        return found

    def _compare_values(self, database: psycopg.Connection, steps: Sequence[str], found: Findings) -> None:
        there: dict[str, str] = dict(database.execute(ENTRIES, [list(steps)]).fetchall())
        found.lost += sum(there.get(entry) != value for entry, value in self.entries.items())
        found.doubled += max(0, len(there) - len(self.entries))
        found.doubled += sum(number > 1 for _, number in database.execute(SIGNED, [list(steps)]))

    def _compare_ends(self, database: psycopg.Connection, outages: Sequence[Outage], found: Findings) -> None:
        late, with_a_database = [], []
        for _, due, end, number in database.execute(ENDS, [self.holds]).fetchall():
            found.lost += number == 0
            found.doubled += number > 1
            if end is not None:
                found.early += end < due
                late.append(float(end - due))
                with_a_database.append(late[-1] - _without_database(outages, float(due), float(end)))
        found.lateness_seconds = spread(late)
        found.lateness_seconds_with_a_database = spread(with_a_database)

    def _compare_commands(self, database: psycopg.Connection, told: Told, found: Findings) -> None:
        confirmed: dict[str, int] = dict(database.execute(COMMANDED, [list(self.commands)]).fetchall())
        for step, (unit, setpoint) in self.commands.items():
            found.lost += step not in confirmed or (bool(told) and setpoint not in told.get(unit, ()))
            found.doubled += confirmed.get(step, 0) > 1
        found.out_of_order += sum(before > after for values in told.values() for before, after in pairwise(values))

    def _recoveries(self) -> dict[str, dict[str, float]]:
        """From each blow to the next acknowledgement after it, by the name of the blow."""
        times: dict[str, list[float]] = {}
        for blow, begin in self.blows:
            if self.at and self.at[-1] > begin:
                times.setdefault(blow, []).append(min(at - begin for at in self.at if at > begin))
        every = [seconds for each in times.values() for seconds in each]
        return {blow: spread(each) for blow, each in sorted(times.items())} | {"all": spread(every)}


def _without_database(outages: Iterable[Outage], due: float, end: float) -> float:
    return sum(max(0.0, min(end, back) - max(due, gone)) for gone, back in outages)


def _compare_readings(database: psycopg.Connection, found: Findings) -> None:
    """Every reading of a device is a higher number: none may be there twice or before an older one."""
    rows = database.execute(READINGS).fetchall()
    found.readings = len(rows)
    for (unit, before), (other, after) in pairwise(rows):
        found.doubled += unit == other and before == after
        found.out_of_order += unit == other and before > after


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
