"""`make demo` lets days pass by the clock alone: it asks Baton nothing meanwhile, and stops in time."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from tools.demo.client import Person
from tools.demo.progress import Progress
from tools.demo.stage import DAYS, LONGEST_GLANCE, WORK, Stage


class Anna(Person):
    """Notes what she is asked to do."""

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        asked.append((path, body))


asked: list[tuple[str, dict[str, Any] | None]] = []
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def stage() -> Stage:
    asked.clear()
    stage = Stage("", DAYS, Progress(1, StringIO()), {"anna": Anna("", "anna", "", "")}, {"id": "here"})
    stage.read_clock(START, WORK)
    return stage


def test_days_pass_between_two_turns_of_the_clock(stage: Stage) -> None:
    stage.wait_until(START + timedelta(hours=3))
    assert [body for _, body in asked] == [{"scale": DAYS}, {"scale": WORK}]
    assert timedelta(hours=3) <= stage.now() - START < timedelta(hours=6)


def test_what_is_past_is_not_waited_for(stage: Stage) -> None:
    stage.wait_until(START - timedelta(hours=3))
    assert asked == []


def test_looks_again_less_and_less_often(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    assert stage.wait("the worker", lambda: len(pauses) == 5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_GLANCE
