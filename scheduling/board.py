"""The planner's board as plain data: rows, bars and the capacity row. The template only draws it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from batches.states import FINAL, State
from mes.accounts.models import Site
from scheduling.models import Slot, Suite
from scheduling.openings import Interval, lanes_used
from scheduling.states import SlotStatus


@dataclass(frozen=True)
class Scale:
    """How much of the calendar the board shows."""

    code: str
    words: str
    columns: int
    days_per_column: int

    @property
    def days(self) -> int:
        return self.columns * self.days_per_column


SCALES = {
    scale.code: scale
    for scale in (
        Scale("week", "Week", 7, 1),
        Scale("month", "4 weeks", 28, 1),
        Scale("quarter", "13 weeks", 13, 7),
    )
}


@dataclass(frozen=True)
class Bar:
    """One slot on the board, from column `first` (1 is the leftmost) over `span` columns."""

    slot: Slot
    first: int
    span: int
    state: str
    words: str


@dataclass(frozen=True)
class Cell:
    """A column of the capacity row: its first day at the site, places taken and places there are."""

    day: date
    used: int
    capacity: int

    @property
    def is_full(self) -> bool:
        return self.used >= self.capacity


@dataclass(frozen=True)
class Row:
    suite: Suite
    bars: list[Bar]


@dataclass(frozen=True)
class Board:
    site: Site
    scale: Scale
    columns: list[Interval]
    rows: list[Row]
    collections: list[Bar]
    capacity: list[Cell]

    @property
    def first_day(self) -> date:
        return _day(self.site, self.columns[0].start)

    @property
    def last_day(self) -> date:
        return _day(self.site, self.columns[-1].end) - timedelta(days=1)

    @property
    def earlier(self) -> date:
        return self.first_day - timedelta(days=self.scale.days)

    @property
    def later(self) -> date:
        return self.first_day + timedelta(days=self.scale.days)


def columns_of(site: Site, first_day: date, scale: Scale) -> list[Interval]:
    """The columns as times. Midnight is the site's own, so a day of 23 or 25 hours is still one column."""
    zone = ZoneInfo(site.timezone)
    days = [first_day + timedelta(days=n * scale.days_per_column) for n in range(scale.columns + 1)]
    edges = [datetime.combine(day, time.min, zone) for day in days]
    return [Interval(start, end) for start, end in pairwise(edges)]


def draw(site: Site, scale: Scale, columns: list[Interval], suites: Iterable[Suite], slots: Iterable[Slot]) -> Board:
    """Lay slots that take a place out over the columns."""
    suites = list(suites)
    shown = [slot for slot in slots if slot.takes_a_place]
    rows = [Row(suite, _bars((slot for slot in shown if slot.suite_id == suite.pk), columns)) for suite in suites]
    places = sum(suite.capacity for suite in suites)
    taken = [slot.interval for slot in shown]
    capacity = [Cell(_day(site, column.start), lanes_used(taken, column), places) for column in columns]
    return Board(site, scale, columns, rows, _collections(shown, columns), capacity)


def _day(site: Site, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(site.timezone)).date()


def state_of(slot: Slot) -> tuple[str, str]:
    """The state a planner thinks in, and its word: hold, confirmed, running, held, done."""
    batch = slot.batch
    if slot.status != SlotStatus.CONFIRMED or batch is None:
        return ("hold" if slot.status == SlotStatus.HELD else slot.status), slot.get_status_display()
    if batch.status == State.IDLE:
        return "confirmed", "Confirmed"
    if batch.status in FINAL:
        return "done", batch.get_status_display()
    return ("stopped" if batch.status in (State.HOLDING, State.HELD) else "running"), batch.get_status_display()


def _bars(slots: Iterable[Slot], columns: Sequence[Interval]) -> list[Bar]:
    bars = (_bar(slot, slot.interval, columns, *state_of(slot)) for slot in slots)
    return sorted((bar for bar in bars if bar), key=lambda bar: (bar.first, bar.slot.lane))


def _collections(slots: Iterable[Slot], columns: Sequence[Interval]) -> list[Bar]:
    windows = ((slot, Interval(slot.collection.lower, slot.collection.upper)) for slot in slots)
    bars = (_bar(slot, window, columns, "collection", "Collection") for slot, window in windows)
    return sorted((bar for bar in bars if bar), key=lambda bar: bar.first)


def _bar(slot: Slot, stretch: Interval, columns: Sequence[Interval], state: str, words: str) -> Bar | None:
    # An empty stretch (cells already collected) still touches the column it lies in.
    touched = [
        number
        for number, column in enumerate(columns, start=1)
        if stretch.overlaps(column) or column.start <= stretch.start < column.end
    ]
    return Bar(slot, touched[0], len(touched), state, words) if touched else None
