"""The log of a real incubation chamber, played through the gateway (docs/contributor.md says which it is)."""

import csv
import os
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count, groupby, takewhile
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from batches import queries
from equipment.adapters import ADAPTERS
from equipment.adapters.base import Ack, Command, DeviceState, Identity, Reading
from equipment.models import Alarm
from mes.accounts.models import Site
from tests.given import alarms as given
from tests.given import batches as given_batches
from tests.given import equipment as plant

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "sensor"
NAMED = os.environ.get("BATON_CHAMBER_LOG", "")
LOG = Path(NAMED) if NAMED else BESIDE / "biolector_chamber_environment_20171221_every10th.csv"
# Column, low, high, delay (s), deadband: the chamber warms up, overshoots, and is never as humid as it was told to be.
RULES = {"temperature": ("temp_up", 29, 31, 120, 0.3), "humidity": ("humidity", 70, 90, 300, 2)}
HALF_AN_HOUR = timedelta(minutes=30)
SILENT_AFTER = timedelta(minutes=1)
Series = list[tuple[datetime, float]]


class Player:
    """The chamber as a device with a memory: what it measured since it was asked the last time."""

    def __init__(self, series: dict[str, Series], clock: Callable[[], datetime]) -> None:
        self.series, self.clock = series, clock
        self.given = dict.fromkeys(series, 0)

    def identify(self) -> Identity:
        return Identity("m2p-labs", "BioLector", "", "")

    def units_of_measure(self) -> dict[str, str]:
        return {"temperature": "°C", "humidity": "%"}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        now, found = self.clock(), []
        for tag, series in self.series.items():
            first, self.given[tag] = self.given[tag], bisect_right(series, now, key=lambda point: point[0])
            found += [Reading(tag, value, at, now) for at, value in series[first : self.given[tag]]]
        return found

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        raise NotImplementedError

    def command(self, command: Command) -> Ack:
        return Ack(command.id, accepted=False, message="A log takes no commands.")

    def state(self) -> DeviceState:
        return DeviceState("not known", {}, None, self.clock())

    def close(self) -> None:
        pass


@pytest.mark.skipif(not LOG.exists(), reason="The chamber log is not here; BATON_CHAMBER_LOG may name it.")
@pytest.mark.django_db
@pytest.mark.req("R-117")
def test_the_log_raises_what_its_numbers_call_for_and_the_batch_inside_shows_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = timezone.now()
    series = {tag: _series(column, begin) for tag, (column, *_) in RULES.items()}
    monkeypatch.setitem(ADAPTERS, "log", lambda connection: Player(series, connection.clock))
    unit = plant.unit(site, "incubator", "INC-1", adapter="log")
    for tag, (_, low, high, delay, band) in RULES.items():
        given.definition(unit, tag=tag, low=str(low), high=str(high), delay_seconds=delay, deadband=str(band))
    batch = given_batches.running_batch(site)
    with time_machine.travel(begin, tick=False):
        plant.occupied(unit, batch_id=batch.id, coi_id=batch.coi_id)
        gateway = plant.gateway(site, tmp_path)
    end = max(each[-1][0] for each in series.values())
    sweeps = list(takewhile(lambda at: at < end, (begin + HALF_AN_HOUR * each for each in count(1))))
    for moment in [*sweeps, end]:
        with time_machine.travel(moment, tick=False):
            gateway.sweep()
    called = {
        tag: called_for(series[tag], low, high, timedelta(seconds=delay), band)
        for tag, (_, low, high, delay, band) in RULES.items()
    }
    assert all(called.values()), "the log was chosen because it leaves its limits"
    assert {tag: _raised(unit.id, tag) for tag in RULES} == called
    shown = queries.record_of(batch).alarms
    silent = (moment - _last(series, moment) > SILENT_AFTER for moment in sweeps)
    silences = sum(is_silent for is_silent, _ in groupby(silent))  # from one look to the next it lasts
    assert len(shown) == sum(len(each) for each in called.values()) + silences


def _series(column: str, begin: datetime) -> Series:
    with LOG.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [(begin + timedelta(hours=float(row["time"])), float(row[column])) for row in rows if row[column]]


def _last(series: dict[str, Series], moment: datetime) -> datetime:
    return max(at for each in series.values() for at, _ in each if at <= moment)


def _raised(unit_id: UUID, tag: str) -> list[tuple[datetime, datetime | None]]:
    rows = Alarm.objects.filter(unit_id=unit_id, tag=tag).order_by("raised_at")
    return list(rows.values_list("raised_at", "cleared_at"))


def called_for(
    series: list[tuple[datetime, float]], low: float, high: float, delay: timedelta, band: float
) -> list[tuple[datetime, datetime | None]]:
    """Worked out run by run, not reading by reading: the stretches outside, then the stretches well inside."""
    found: list[tuple[datetime, datetime | None]] = []
    position = 0
    while (on := _first_run(series, position, delay, lambda value: not low <= value <= high)) is not None:
        off = _first_run(series, on + 1, delay, lambda value: low + band <= value <= high - band)
        found.append((series[on][0], None if off is None else series[off][0]))
        if off is None:
            break
        position = off + 1
    return found


def _first_run(
    series: list[tuple[datetime, float]], start: int, delay: timedelta, holds: Callable[[float], bool]
) -> int | None:
    """The index at which, from `start` on, a condition has held without a break for the delay."""
    for first in range(start, len(series)):
        if not holds(series[first][1]) or (first > start and holds(series[first - 1][1])):
            continue
        for last in range(first, len(series)):
            if not holds(series[last][1]):
                break
            if series[last][0] - series[first][0] >= delay:
                return last
    return None
