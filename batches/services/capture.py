"""What a tablet captured without network: quality sees it, and sees more of it when it was beyond the budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from batches.models import ExceptionKind, Severity, Step
from batches.queries.without_network import budget_of
from batches.services.exceptions import raise_exception
from batches.without_network import beyond, is_late
from mes import clock
from mes.records import current
from mes.records.models import Event


def captured_at() -> datetime | None:
    """When this was captured, by the tablet's clock; None where no tablet says so."""
    device = current.request.get().device
    return device.captured_at if device else None


def kept_for() -> timedelta:
    """How long the tablet kept it for want of a network, by its own clock."""
    device = current.request.get().device
    return max(device.kept_for, timedelta(0)) if device else timedelta(0)


def note_capture(event: Event, step: Step, what: str, **about: Any) -> None:
    """Inside the act that records it: an exception where the tablet had no network when it was captured."""
    device = current.request.get().device
    if device is None or not is_late(device):
        return
    broken = list(beyond(device, budget_of(step.batch_id), online_only=step.says.online_only))
    waited = kept_for()
    minutes = max(1, round(waited / timedelta(minutes=1)))
    at = clock.show(step.site, clock.now(step.site) - waited)
    text = f"{what} was captured {at} and kept on the tablet for {minutes} min without network."
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.OFFLINE,
        severity=Severity.MEDIUM if broken else Severity.LOW,
        text=" ".join([text, *(f"{words[:1].upper()}{words[1:]}." for words in broken)]),
        data={"kept_seconds": round(waited.total_seconds()), "beyond": broken, **about},
    )
