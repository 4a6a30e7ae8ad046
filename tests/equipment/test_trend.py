"""The drawing of a trend: every spike is in it, every gap is a gap, and a table says the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string

from equipment.drawn_trend import HEIGHT, LEFT, RIGHT, WIDTH, Lane, Mark, draw
from equipment.trends import Bucket, Gap, Trend
from mes.accounts.models import Site

START = datetime(2026, 11, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


def trend(values: list[float | None], *, hours: float = 24, gaps: tuple[Gap, ...] = ()) -> Trend:
    step = timedelta(hours=hours) / len(values)
    buckets = tuple(
        Bucket(START + step * (number + 0.5), value, value, value, in_doubt=False)
        for number, value in enumerate(values)
        if value is not None
    )
    end = START + timedelta(hours=hours)
    return Trend("BRX-1", "temperature", "Temperature", "°C", 1, START, end, buckets, gaps)


def points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())]


def test_a_spike_of_one_slice_reaches_the_top_of_its_own_height() -> None:
    spike = Bucket(START + HOUR, 37.0, 41.0, 37.0, in_doubt=False)
    shown = trend([37.0] * 24)
    lane = draw(replace(shown, buckets=(*shown.buckets, spike)))
    heights = [y for _, y in points(lane.lines[0])]
    assert min(heights) < max(heights) - HEIGHT / 2


def test_a_gap_splits_the_line_and_is_named() -> None:
    gap = Gap(START + 6 * HOUR, START + 12 * HOUR)
    values: list[float | None] = [37.0] * 24
    values[6:12] = [None] * 6
    lane = draw(trend(values, gaps=(gap,)))
    assert len(lane.lines) == 2
    last_before, first_after = points(lane.lines[0])[-1][0], points(lane.lines[1])[0][0]
    [box] = lane.gaps
    assert last_before <= box.x
    assert box.x + box.width <= first_after
    assert box.label == "no data"
    assert [(row.start, row.low) for row in lane.rows if not row.low] == [(gap.start, "")]


def test_the_line_stays_inside_the_lane() -> None:
    lane = draw(trend([36.0, 38.0] * 50), band=(36.5, 37.5), limits=(35.0, 39.0))
    everything = [point for line in lane.lines for point in points(line)]
    assert all(LEFT <= x <= WIDTH - RIGHT and 0 <= y <= HEIGHT for x, y in everything)
    assert all(0 <= y <= HEIGHT for y in lane.limits)


def test_the_band_lies_where_its_values_lie() -> None:
    lane = draw(trend([37.0] * 10), band=(36.0, 38.0), limits=(35.0, 39.0))
    assert lane.band is not None
    upper, lower = lane.limits[1], lane.limits[0]
    assert upper < lane.band.y < lane.band.y + lane.band.height < lower


def test_an_open_limit_is_not_drawn() -> None:
    assert len(draw(trend([37.0] * 3), limits=(None, 39.0)).limits) == 1


def test_an_alarm_sits_on_the_curve_and_a_step_at_the_top() -> None:
    marks = [Mark(START + HOUR, "alarm", "Too warm"), Mark(START + HOUR, "step", "S050", "/steps/1/")]
    lane = draw(trend([37.0, 39.0, 37.0], hours=3), marks=marks)
    alarm, step = lane.marks
    on_curve = {x: y for line in lane.lines for x, y in points(line)}
    assert alarm.y in on_curve.values()
    assert step.y == lane.plot.y


def test_marks_outside_the_time_shown_are_left_out() -> None:
    assert draw(trend([37.0]), marks=[Mark(START - HOUR, "step", "S010")]).marks == ()


def test_ticks_are_round_local_times() -> None:
    labels = [tick.label for tick in draw(trend([37.0] * 24), zone="Europe/Vienna").across]
    assert labels == ["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "23 Nov"]
    days = [tick.label for tick in draw(trend([37.0] * 24, hours=8 * 24)).across]
    assert days[:3] == ["22 Nov", "23 Nov", "24 Nov"]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (36.9, 37.1), (0.5, 15000.0), (-196.0, 21.0), (7.2, 7.2)])
def test_value_ticks_are_few_and_in_range(low: float, high: float) -> None:
    lane = draw(trend([low, high]))
    assert 2 <= len(lane.up) <= 6
    assert all(0 <= tick.position <= HEIGHT for tick in lane.up)


def test_a_single_reading_is_still_seen() -> None:
    [line] = draw(trend([37.0])).lines
    assert len(points(line)) == 2


def test_the_table_twin_has_the_extremes_of_each_stretch() -> None:
    values: list[float | None] = [37.0] * 400
    values[123] = 40.0
    rows = draw(trend(values)).rows
    assert len(rows) == 40
    assert [row.high for row in rows].count("40.0") == 1


def test_nothing_is_drawn_without_data() -> None:
    lane = draw(trend([None]))
    assert lane.is_empty
    assert lane.summary == "Temperature: no data"


def rendered(lane: Lane, site: Site) -> str:
    return render_to_string("equipment/_trend.html", {"lane": lane, "site": site})


@pytest.mark.django_db
def test_the_drawing_has_a_name_a_twin_and_no_inline_style(site: Site) -> None:
    gap = Gap(START + 6 * HOUR, START + 12 * HOUR)
    lane = draw(
        trend([37.0] * 6 + [None] * 6 + [37.0] * 12, gaps=(gap,)),
        band=(36, 38),
        marks=[Mark(START, "step", "S1", "/x")],
    )
    html = rendered(lane, site)
    assert 'aria-label="Temperature from 37.0 to 37.0 °C, 1 without data"' in html
    assert html.count("no data") == 2, "on the drawing and in its table"
    assert "<details" in html
    assert not re.search(r"style=|<script|on\w+=", html)


@pytest.mark.django_db
def test_an_empty_lane_says_so(site: Site) -> None:
    assert "No data in this time." in rendered(draw(trend([None])), site)
