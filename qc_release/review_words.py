"""The content of a review as its signer reads it. What is signed is the content itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

_LABELS = {"specification_sha256": "SHA-256 of the specification", "batch_status": "Batch"}
_MARKS = {"specification_sha256", "last_event"}


def in_words(content: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Label, value, and whether the value is a mark to compare character by character."""
    return [
        (_LABELS.get(name, name.replace("_", " ").capitalize()), _value(name, value), name in _MARKS)
        for name, value in content.items()
    ]


def _value(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return _counted(value)
    if name == "rooms":
        return ", ".join(value) or "None"
    if name == "alarms":
        return str(len(value))
    if isinstance(value, list):
        states = Counter(row.partition(" ")[2] for row in value)
        return f"{len(value)} ({_counted(states)})" if states else "0"
    return value.capitalize() if name == "batch_status" else str(value)


def _counted(states: Mapping[str, int]) -> str:
    """E.g. "5 complete, 1 aborted"."""
    return ", ".join(f"{number} {state.replace('_', ' ').lower()}" for state, number in sorted(states.items())) or "0"
