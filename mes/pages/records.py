"""The audit trail as pages and exports."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from mes.clock import iso
from mes.records.models import Event

PAGE = 50
COLUMNS = (
    *("at", "process_at", "clock_scale", "timezone", "actor_username", "actor_name", "actor_role", "site_code"),
    *("action", "subject_type", "subject_id", "subject_label", "batch_id", "from_state", "to_state", "reason"),
    *("data", "tablet", "software_version", "configuration", "id"),
)


@dataclass(frozen=True)
class Slice:
    """One page of events, newest first, and where its neighbours begin."""

    events: list[Event]
    newer: str = ""
    older: str = ""


def slice_of(found: QuerySet[Event], *, before: str = "", after: str = "") -> Slice:
    """The events before or after a place, by key: the millionth page costs what the first does."""
    if after:
        events = list(_past(found.order_by("at", "id"), after, "gt")[: PAGE + 1])
        more, events = len(events) > PAGE, events[:PAGE][::-1]
        return Slice(events, newer=_place(events[0]) if more else "", older=_place(events[-1]) if events else "")
    events = list((_past(found, before, "lt") if before else found)[: PAGE + 1])
    more, events = len(events) > PAGE, events[:PAGE]
    return Slice(
        events,
        newer=_place(events[0]) if before and events else "",
        older=_place(events[-1]) if more else "",
    )


def as_csv(found: QuerySet[Event]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in _rows(found):
        yield writer.writerow([_cell(value) for value in row.values()])


def as_json(found: QuerySet[Event]) -> Iterator[str]:
    separator = "[\n"
    for row in _rows(found):
        yield separator + json.dumps(row, ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n" if separator != "[\n" else "[]\n"


class _Echo:
    """A file that hands back what is written to it, so that an export is streamed line by line."""

    def write(self, line: str) -> str:
        return line


def _rows(found: QuerySet[Event]) -> Iterator[dict[str, Any]]:
    for values in found.values(*COLUMNS).iterator(chunk_size=1000):
        yield {name: _plain(values[name]) for name in COLUMNS}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value if isinstance(value, dict | str | None) else str(value)


def _cell(value: Any) -> str:
    """A cell no spreadsheet takes for a formula."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value or ""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _place(event: Event) -> str:
    return f"{event.at.isoformat()}~{event.id}"


def _past(found: QuerySet[Event], place: str, side: str) -> QuerySet[Event]:
    at, _, key = place.partition("~")
    moment, event_id = datetime.fromisoformat(at), UUID(key)
    return found.filter(
        Q(**{f"at__{side}": moment}) | Q(**{"at": moment, f"id__{side}": event_id}), **{f"at__{side}e": moment}
    )
