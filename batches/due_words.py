"""When a next action is due, as people say it."""

from __future__ import annotations

from datetime import timedelta

from batches.queries.work import NextAction
from mes import clock
from mes.phrases import Phrase


def is_overdue(action: NextAction) -> bool:
    return action.due is not None and action.due < clock.now(action.site)


def due_words(action: NextAction) -> str:
    """due 10:57 in 12 min; empty where nothing presses."""
    if action.due is None:
        return ""
    at = clock.on_the_wall(action.site, action.due)
    left = action.due - clock.now(action.site)
    if left < timedelta(0):
        return Phrase("overdue since {at}", at=at)
    return Phrase("due {at} in {left}", at=at, left=_length(left))


def _length(left: timedelta) -> str:
    minutes = int(left.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"
