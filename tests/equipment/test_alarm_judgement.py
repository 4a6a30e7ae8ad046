"""Limits, delay and deadband to the reading, on tables and on random series."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from equipment.alarms.grouping import grouped
from equipment.alarms.judgement import Change, Limits, Point, Progress, judge

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def limits(low: str | None = None, high: str | None = None, *, delay: int = 0, deadband: str = "0") -> Limits:
    return Limits(
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        delay=timedelta(seconds=delay),
        deadband=Decimal(deadband),
    )


def series(*values: float, every: int = 10) -> list[Point]:
    return [Point(START + timedelta(seconds=every * number), value) for number, value in enumerate(values)]


def seconds(changes: list[Change]) -> list[tuple[str, int]]:
    return [("on" if each.raised else "off", int((each.at - START).total_seconds())) for each in changes]


TABLE: list[tuple[str, Limits, list[float], list[tuple[str, int]]]] = [
    ("a limit itself is inside", limits(high="37.6"), [37.6, 37.6], []),
    ("the next step is outside", limits(high="37.6"), [37.6, 37.7], [("on", 10)]),
    ("both sides", limits("4.5", "5.5"), [5.0, 4.4, 5.0, 5.6], [("on", 10), ("off", 20), ("on", 30)]),
    ("shorter than the delay", limits(high="37", delay=20), [38, 38, 36, 38, 38, 36], []),
    ("exactly the delay", limits(high="37", delay=20), [38, 38, 38], [("on", 20)]),
    (
        "off takes the delay too",
        limits(high="37", delay=20),
        [38, 38, 38, 36, 36, 38, 36, 36, 36],
        [("on", 20), ("off", 80)],
    ),
    ("inside but in the deadband", limits(high="37", deadband="0.5"), [38, 36.9, 36.6, 36.5], [("on", 0), ("off", 30)]),
    ("the deadband of the low side", limits(low="30", deadband="1"), [29.9, 30.9, 31.0], [("on", 0), ("off", 20)]),
    ("the deadband does not make it come earlier", limits(high="37", deadband="0.5"), [36.8, 37.0, 36.9], []),
    ("across to the other side stays on", limits("4", "6", deadband="0.5"), [7, 3, 3], [("on", 0)]),
]


@pytest.mark.parametrize(("case", "given", "values", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_table(case: str, given: Limits, values: list[float], expected: list[tuple[str, int]]) -> None:
    assert seconds(judge(given, Progress(), series(*values))[1]) == expected


def test_a_silence_neither_ends_an_excursion_nor_clears_an_alarm() -> None:
    given = limits(high="37", delay=60)
    before, silent = Point(START, 38), Point(START + timedelta(hours=1), 38)
    progress, [raised] = judge(given, Progress(), [before, silent])
    assert (raised.began_at, raised.at) == (before.at, silent.at)
    assert judge(given, progress, []) == (progress, [])


def test_a_judgement_in_pieces_is_the_same_as_in_one() -> None:
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311  a repeatable series
        given = limits("36", "38", delay=chance.choice([0, 10, 25, 60]), deadband=chance.choice(["0", "0.3", "1"]))
        points = series(*(round(chance.gauss(37, 1), 1) for _ in range(60)))
        whole = judge(given, Progress(), points)
        progress, changes = Progress(), []
        while points:
            size = chance.randint(1, 9)
            progress, more = judge(given, progress, points[:size])
            changes += more
            points = points[size:]
        assert (progress, changes) == whole


def test_every_change_has_its_run_and_nothing_else_changes() -> None:
    """Checked against the definition in words, reading by reading, without the code that is tested."""
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311  a repeatable series
        delay, band = chance.choice([0, 10, 30]), chance.choice([0, 5])
        values = [chance.randint(340, 400) for _ in range(80)]
        given = limits("35.5", "38.5", delay=delay, deadband=str(Decimal(band) / 10))
        found = seconds(judge(given, Progress(), series(*(value / 10 for value in values)))[1])
        assert found == expected_by_words(values, 355, 385, band, delay)


def expected_by_words(values: list[int], low: int, high: int, band: int, delay: int) -> list[tuple[str, int]]:
    """In tenths: an alarm comes when all readings of the last `delay` seconds were outside, goes when all were back."""
    is_on, found, last = False, [], -1
    for number in range(len(values)):
        first = number - delay // 10
        run = values[max(first, last + 1) : number + 1]
        if first <= last or len(run) < delay // 10 + 1:
            continue
        outside = all(value < low or value > high for value in run)
        back = all(low + band <= value <= high - band for value in run)
        if back if is_on else outside:
            is_on, last = not is_on, number
            found.append(("on" if is_on else "off", number * 10))
    return found


def alarm(unit: str, second: int, rank: int = 1) -> Any:
    at = START + timedelta(seconds=second)
    return SimpleNamespace(id=f"{unit}{second}", unit_id=unit, raised_at=at, rank=rank)


def test_sixty_alarms_of_one_device_in_a_minute_are_one_group() -> None:
    [group] = grouped([alarm("A", second) for second in range(60)])
    assert (group.first_out.raised_at, group.more) == (START, 59)


def test_another_unit_and_a_later_time_are_another_cause() -> None:
    groups = grouped([alarm("A", 0), alarm("B", 5), alarm("A", 60), alarm("A", 61, rank=0), alarm("A", 70)])
    assert [[each.id for each in group.members] for group in groups] == [["A61", "A70"], ["A0", "A60"], ["B5"]]
