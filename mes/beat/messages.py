"""Messages that say "look now": one that nobody took in time is worth nothing, since the next one is there."""

from __future__ import annotations

from typing import Any

from celery import Task

from mes.server_clock import CLOCK

WORTH_UNTIL = "worth_until"


def worth_for(seconds: float) -> dict[str, str]:
    """The header of such a message. Celery's own expiry would go by the clock of the machine the worker is on."""
    return {WORTH_UNTIL: str(CLOCK.now_ns() + int(seconds * 10**9))}


class Look(Task[..., Any]):
    """What every task of Baton is: it does nothing for a message whose time is over."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        until = (self.request.headers or {}).get(WORTH_UNTIL)
        return None if until is not None and CLOCK.now_ns() > int(until) else super().__call__(*args, **kwargs)
