"""What is going on in this thread: the open act, and the request that carries it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Optional
from uuid import UUID

if TYPE_CHECKING:
    from mes.records.models import Event, SecurityEvent


@dataclass(frozen=True)
class Device:
    """What a tablet says by its own clock: when it sends, and when what it sends was captured.

    `apart` is how long it had had no network then, by a clock nobody can set (None: it does not say), `steps` in how
    many steps something had been captured meanwhile.
    """

    sent_at: datetime
    captured_at: datetime | None = None
    apart: timedelta | None = None
    steps: int = 0

    @property
    def kept_for(self) -> timedelta:
        """Between capturing and sending. Negative when somebody set the tablet's clock back."""
        return self.sent_at - self.captured_at if self.captured_at else timedelta(0)


@dataclass(frozen=True)
class Terminal:
    """The registered device a request comes from, as it proved by its key. `room` is empty: every room of its site."""

    code: str
    site_id: UUID
    site: str
    room_id: UUID | None = None
    room: str = ""
    is_retired: bool = False


def nowhere() -> Terminal | None:
    """No device said who it is."""
    return None


@dataclass(frozen=True)
class RequestFacts:
    """Where an act came from: terminal, its clocks, network address and the client's idempotency key (API).

    The terminal is looked up when it is first asked for: most requests never do. `back_at` is when the person of a
    session came to it, or came back; None for whoever has no session.
    """

    address: str = ""
    idempotency: "IdempotencyClaim | None" = None
    device: Device | None = None
    terminal: Callable[[], Terminal | None] = nowhere
    back_at: datetime | None = None

    @property
    def tablet(self) -> str:
        """The code of the terminal, for events; empty where there is none."""
        terminal = self.terminal()
        return terminal.code if terminal else ""


@dataclass
class IdempotencyClaim:
    """A client's promise that the same key means the same call; `written` once an act of the call is committed."""

    key: str
    user_id: UUID
    path: str
    body_digest: str
    written: bool = False


event: ContextVar[Optional["Event"]] = ContextVar("baton_event", default=None)
noted: ContextVar[Optional["list[SecurityEvent]"]] = ContextVar("baton_noted", default=None)
NOWHERE = RequestFacts()
request: ContextVar[RequestFacts] = ContextVar("baton_request", default=NOWHERE)


@contextmanager
def beside_the_call() -> Iterator[None]:
    """Acts inside are no effect of the call that is under way: its key stays free, its tablet captured none of it."""
    token = request.set(replace(request.get(), idempotency=None, device=None))
    try:
        yield
    finally:
        request.reset(token)


def event_id() -> UUID | None:
    """The id of the open act; the database trigger sets the same value."""
    open_event = event.get()
    return open_event.id if open_event else None
