"""A trend as a drawing: one variable in one lane, its set-point band, its limits, its gaps, its marks (ux 3b).

Pure geometry: numbers in, SVG coordinates out; `templates/equipment/_trend.html` writes the elements. Every slice is
drawn from its minimum to its maximum, so nothing is averaged away; where there are no readings there is only the gap.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from equipment.trends import Bucket, Gap, Trend
from mes import clock
from mes.phrases import Phrase

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 56, 28, 10, 26
TABLE_ROWS = 40
Range = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: a step (links to it) or an alarm (sits on the curve)."""

    at: datetime
    kind: str
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class DrawnMark:
    x: float
    y: float
    kind: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Tick:
    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    label: str = ""

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table twin. `low` and `high` are empty where there is no data."""

    start: datetime
    end: datetime
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Lane:
    key: str
    label: str
    unit: str
    latest: str
    summary: str
    plot: Box
    lines: tuple[str, ...]
    band: Box | None
    limits: tuple[float, ...]
    gaps: tuple[Box, ...]
    doubts: tuple[tuple[float, float], ...]
    marks: tuple[DrawnMark, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    rows: tuple[Row, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        return not self.lines


class _Scale:
    """From time and value to the drawing's coordinates, rounded to a tenth of a pixel."""

    def __init__(self, trend: Trend, low: float, high: float) -> None:
        self.start, self.seconds = trend.start, (trend.end - trend.start).total_seconds()
        self.low, self.high = low, high

    def x(self, at: datetime) -> float:
        share = (at - self.start).total_seconds() / self.seconds
        return round(LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - min(1.0, max(0.0, share)) * (HEIGHT - TOP - BOTTOM), 1)


def draw(
    trend: Trend,
    *,
    zone: str = "UTC",
    band: Range | None = None,
    limits: Range | None = None,
    marks: Iterable[Mark] = (),
) -> Lane:
    """The lane of one trend. `band` is where the set-point allows the value to be, `limits` what must not be passed."""
    low, high = _value_range(trend, band, limits)
    scale = _Scale(trend, low, high)
    return Lane(
        key=f"{trend.unit_code}-{trend.tag}",
        label=trend.label,
        unit=trend.unit,
        latest=f"{trend.latest.last:.{trend.decimals}f}" if trend.latest else "",
        summary=_summary(trend),
        plot=Box(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM),
        lines=tuple(_polyline(part, scale) for part in _between_gaps(trend.buckets, trend.gaps)),
        band=_band(band, scale) if band else None,
        limits=tuple(scale.y(each) for each in limits or () if each is not None),
        gaps=tuple(_gap(gap, scale) for gap in trend.gaps),
        doubts=tuple((scale.x(each.at), scale.y(each.high)) for each in trend.buckets if each.in_doubt),
        marks=tuple(_mark(each, trend, scale) for each in marks if trend.start <= each.at <= trend.end),
        across=tuple(_time_ticks(trend, scale, ZoneInfo(zone))),
        up=tuple(Tick(scale.y(value), _short(value)) for value in _value_ticks(low, high)),
        rows=tuple(_rows(trend)),
    )


def _value_range(trend: Trend, band: Range | None, limits: Range | None) -> tuple[float, float]:
    """Everything that is drawn fits, with some air above and below."""
    values = [value for each in trend.buckets for value in (each.low, each.high)]
    values += [value for pair in (band, limits) for value in pair or () if value is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
    return low - air, high + air


def _between_gaps(buckets: Sequence[Bucket], gaps: Sequence[Gap]) -> list[list[Bucket]]:
    """The slices in runs that no gap interrupts."""

    def gaps_before(bucket: Bucket) -> int:
        return sum(gap.end <= bucket.at for gap in gaps)

    return [list(run) for _, run in groupby(buckets, key=gaps_before)]


def _polyline(run: Sequence[Bucket], scale: _Scale) -> str:
    points = []
    for each in run:
        x = scale.x(each.at)
        points.append(f"{x},{scale.y(each.low)}")
        if each.high != each.low:
            points.append(f"{x},{scale.y(each.high)}")
    if len(points) == 1:
        # A line of one point would not be seen: one lonely reading gets a dash.
        points.append(f"{scale.x(run[0].at) + 2},{scale.y(run[0].low)}")
    return " ".join(points)


def _band(band: Range, scale: _Scale) -> Box:
    low, high = band
    top = scale.y(scale.high if high is None else high)
    bottom = scale.y(scale.low if low is None else low)
    return Box(LEFT, top, WIDTH - LEFT - RIGHT, round(bottom - top, 1))


def _gap(gap: Gap, scale: _Scale) -> Box:
    left, right = scale.x(gap.start), scale.x(gap.end)
    label = Phrase("no data") if right - left > 60 else ""
    return Box(left, TOP, round(right - left, 1), HEIGHT - TOP - BOTTOM, label)


def _mark(mark: Mark, trend: Trend, scale: _Scale) -> DrawnMark:
    nearest = min(trend.buckets, key=lambda each: abs(each.at - mark.at), default=None)
    on_curve = mark.kind == "alarm" and nearest is not None
    y = scale.y(nearest.high) if on_curve and nearest else float(TOP)
    return DrawnMark(scale.x(mark.at), y, mark.kind, mark.label, mark.href)


_STEPS = [
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=5),
    timedelta(days=10),
    timedelta(days=30),
    timedelta(days=90),
    timedelta(days=365),
]
_MOST_TICKS = 8


def _time_ticks(trend: Trend, scale: _Scale, zone: ZoneInfo) -> Iterable[Tick]:
    """Round local times: the hour, and the date where a day begins."""
    span = trend.end - trend.start
    step = next((each for each in _STEPS if span / each <= _MOST_TICKS), _STEPS[-1])
    local = trend.start.astimezone(zone)
    moment = local.replace(hour=0, minute=0, second=0, microsecond=0)
    while moment.astimezone(UTC) < trend.end:
        if moment.astimezone(UTC) >= trend.start:
            text = f"{moment:%H:%M}" if (moment.hour, moment.minute) != (0, 0) else _day(moment)
            yield Tick(scale.x(moment), text)
        moment += step


def _day(moment: datetime) -> str:
    return Phrase("{day} {month}", day=moment.day, month=clock.MONTHS[moment.month - 1])


def _value_ticks(low: float, high: float) -> list[float]:
    """Two to five round values inside the range: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [round(number * step, 10) for number in range(first, math.floor(high / step) + 1)]


def _short(value: float) -> str:
    return f"{value:.6g}"


def _summary(trend: Trend) -> str:
    """What a screen reader says of the drawing."""
    if not trend.buckets:
        return Phrase("{name}: no data", name=Phrase(trend.label))
    low, high = min(each.low for each in trend.buckets), max(each.high for each in trend.buckets)
    ends = {"low": f"{low:.{trend.decimals}f}", "high": f"{high:.{trend.decimals}f} {trend.unit}"}
    whole = Phrase("{name} from {low} to {high}", name=Phrase(trend.label), **ends)
    return Phrase("{whole}, {number} without data", whole=whole, number=len(trend.gaps)) if trend.gaps else whole


def _rows(trend: Trend) -> list[Row]:
    """The table twin: some forty stretches of the same length, and every gap between them."""
    length = (trend.end - trend.start) / TABLE_ROWS

    def stretch(bucket: Bucket) -> int:
        return (bucket.at - trend.start) // length

    rows = [Row(gap.start, gap.end, "", "") for gap in trend.gaps]
    for number, group in groupby(trend.buckets, key=stretch):
        run = list(group)
        low, high = min(each.low for each in run), max(each.high for each in run)
        start = trend.start + number * length
        texts = (f"{value:.{trend.decimals}f}" for value in (low, high))
        rows.append(Row(start, min(start + length, trend.end), *texts))
    return sorted(rows, key=lambda row: row.start)
