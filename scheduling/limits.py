"""How long cells may wait: collection to start, vein to vein. Pure judgement on plain times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mes.errors import Reason
from scheduling.openings import Interval


@dataclass(frozen=True)
class Limits:
    """What a product allows, as lengths of process time."""

    suite: timedelta
    collection_to_start: timedelta
    vein_to_vein: timedelta


def reasons_out_of_limits(limits: Limits, window: Interval, collection: Interval) -> list[Reason]:
    """Why cells collected in `collection` may not be made into a batch in `window`.

    The collection is counted from its end, as the validity on its label is; for a planned collection the earliest end
    is its start, so the worst case decides. A limit itself still passes.
    """
    age = window.start - collection.start
    checks = [
        (
            window.length() < limits.suite,
            "window_too_short",
            f"The batch takes {hours(limits.suite)}; the slot has {hours(window.length())}.",
        ),
        (
            collection.end > window.start,
            "collected_after_start",
            "The slot starts before the collection has ended.",
        ),
        (
            age > limits.collection_to_start,
            "collection_too_old",
            f"The material would be {hours(age)} old; {hours(limits.collection_to_start)} are allowed.",
        ),
        (
            window.end - collection.start > limits.vein_to_vein,
            "vein_to_vein_too_long",
            f"Vein to vein would take more than {hours(limits.vein_to_vein)}.",
        ),
    ]
    return [Reason(code, message) for broken, code, message in checks if broken]


def hours(length: timedelta) -> str:
    """`50 h`; minutes only where there are some."""
    whole, rest = divmod(int(length.total_seconds()) // 60, 60)
    return f"{whole} h {rest} min" if rest else f"{whole} h"
