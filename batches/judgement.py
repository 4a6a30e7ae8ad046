"""Is a value inside its limits, and is the time right? Exact decimals, never rounded first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.quantities import Quantity, convert, parse_decimal


class Verdict(StrEnum):
    WITHIN = "within"
    ALERT = "alert"
    OUT_OF_LIMIT = "out_of_limit"
    NOT_JUDGED = "not_judged"
    NOT_APPLICABLE = "not_applicable"


def in_words(verdict: str) -> str:
    """As people read it: out of limit."""
    return verdict.replace("_", " ")


@dataclass(frozen=True)
class Bounds:
    """A range; a missing end is open, a strict end is not part of it. `alert` ends are always inclusive."""

    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    low_strict: bool = False
    high_strict: bool = False
    alert_low: Decimal | None = None
    alert_high: Decimal | None = None

    @property
    def judges(self) -> bool:
        ends = (self.low, self.high, self.alert_low, self.alert_high)
        return any(end is not None for end in ends)


def judge(quantity: Quantity, bounds: Bounds) -> Verdict:
    """The verdict on a value; its unit is converted explicitly, or InvalidInput when it measures something else."""
    value = convert(quantity, bounds.unit).value
    if not bounds.judges:
        return Verdict.NOT_JUDGED
    if _below(value, bounds.low, bounds.low_strict) or _above(value, bounds.high, bounds.high_strict):
        return Verdict.OUT_OF_LIMIT
    if _below(value, bounds.alert_low, False) or _above(value, bounds.alert_high, False):
        return Verdict.ALERT
    return Verdict.WITHIN


def _below(value: Decimal, low: Decimal | None, strict: bool) -> bool:
    return low is not None and (value <= low if strict else value < low)


def _above(value: Decimal, high: Decimal | None, strict: bool) -> bool:
    return high is not None and (value >= high if strict else value > high)


def read_number(text: str, *, decimals: int | None) -> Decimal:
    """The number typed; InvalidInput when it is none or claims more decimals than the step asks for."""
    number = parse_decimal(text)
    exponent = number.as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
        raise InvalidInput(
            Phrase(
                "“{text}” has {given} decimals; this value is recorded with {decimals}.",
                text=text,
                given=-exponent,
                decimals=decimals,
            ),
            value=text,
            decimals=decimals,
        )
    return number


def agree(first: str, second: str) -> bool:
    """Two readings: numbers agree when they are the same number (2.10 is 2.1); words when they are the same word."""
    try:
        return read_number(first, decimals=None) == read_number(second, decimals=None)
    except InvalidInput:
        return first == second


@dataclass(frozen=True)
class Window:
    """When a thing may happen: not before `opens` (refused), not after `closes` (an exception)."""

    opens: datetime | None = None
    closes: datetime | None = None

    def too_early(self, at: datetime) -> bool:
        return self.opens is not None and at < self.opens

    def too_late(self, at: datetime) -> bool:
        return self.closes is not None and at > self.closes


def window_after(start: datetime, at_least_minutes: Decimal | None, at_most_minutes: Decimal | None) -> Window:
    """The window that a recipe opens so many minutes after something ended."""
    return Window(_later(start, at_least_minutes), _later(start, at_most_minutes))


def hold_window(start: datetime, minutes: Decimal, tolerance: Decimal) -> Window:
    """When a timed hold may end: its time, less or more the tolerance."""
    return Window(start + _minutes(minutes - tolerance), start + _minutes(minutes + tolerance))


def hold_end(start: datetime, minutes: Decimal) -> datetime:
    """When a timed hold ends by itself."""
    return start + _minutes(minutes)


def _later(start: datetime, minutes: Decimal | None) -> datetime | None:
    return None if minutes is None else start + _minutes(minutes)


def _minutes(number: Decimal) -> timedelta:
    return timedelta(microseconds=int(number * 60_000_000))
