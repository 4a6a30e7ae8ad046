"""Arithmetic of free time, on plain intervals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.openings import Interval, first_free_lane, gaps

ZERO = datetime(2026, 11, 2, tzinfo=UTC)


def span(start: float, end: float) -> Interval:
    return Interval(ZERO + timedelta(hours=start), ZERO + timedelta(hours=end))


def test_the_free_stretches_lie_between_what_is_taken() -> None:
    free = gaps([span(4, 6), span(1, 2)], span(0, 10), timedelta(hours=1))

    assert free == [span(0, 1), span(2, 4), span(6, 10)]


def test_a_stretch_that_is_too_short_is_no_opening() -> None:
    assert gaps([span(1, 9)], span(0, 10), timedelta(hours=2)) == []


def test_what_touches_does_not_overlap() -> None:
    assert first_free_lane([[span(0, 5)]], span(5, 6)) == 1


def test_the_first_lane_with_room_is_taken() -> None:
    assert first_free_lane([[span(0, 5)], [span(6, 7)]], span(4, 6)) == 2
    assert first_free_lane([[span(0, 5)], [span(5, 7)]], span(4, 6)) is None


@pytest.mark.req("R-192")
@given(st.lists(st.tuples(st.integers(-5, 25), st.integers(1, 9)), max_size=8), st.integers(1, 6))
def test_nothing_offered_is_taken_and_everything_else_is_offered(taken: Any, hours: Any) -> None:
    busy = [span(start, start + length) for start, length in taken]

    free = gaps(busy, span(0, 20), timedelta(hours=hours))

    for hour in range(20 - hours + 1):
        wanted = span(hour, hour + hours)
        fits = not any(wanted.overlaps(each) for each in busy)
        offered = any(gap.start <= wanted.start and wanted.end <= gap.end for gap in free)
        assert fits == offered
