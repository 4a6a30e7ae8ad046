"""Was what a tablet captured without network captured within what the recipe allows? Plain values, no Django."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mes.records.current import Device
from recipes.document import WithoutNetwork

ON_ITS_WAY = timedelta(minutes=1)  # longer than this, and it was recorded without network


def is_late(device: Device) -> bool:
    """Did it not come at once, or had there been no network for long when it was captured? A clock that was set back
    between the two hides both times, so it counts as late."""
    return max(abs(device.kept_for), device.apart or timedelta(0)) > ON_ITS_WAY


def beyond(device: Device, budget: WithoutNetwork, *, online_only: bool) -> Iterator[str]:
    """Every rule it broke, in words; nothing when the recipe allows it.

    Both clocks speak: the one nobody can set counts how long there was no network (`apart`), and the times of day of
    capturing and sending must fit. A tablet that does not count is taken at its word for how long it kept the thing.
    """
    apart = device.kept_for if device.apart is None else device.apart
    if online_only:
        yield "the step is done with network only"
    if apart > timedelta(minutes=budget.minutes):
        yield f"captured {_minutes(apart)} min after the network was lost, where the recipe allows {budget.minutes}"
    if device.steps > budget.steps:
        yield f"captured in {device.steps} steps without network, where the recipe allows {budget.steps}"
    if device.kept_for < -ON_ITS_WAY:
        yield f"the clock of the tablet was set back by at least {_minutes(-device.kept_for)} min meanwhile"


def _minutes(time: timedelta) -> int:
    return max(1, round(time / timedelta(minutes=1)))
