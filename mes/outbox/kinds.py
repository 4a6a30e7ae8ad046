"""What is announced: a declared list, which each room keeps for itself in `<room>/announcements.py` as `KINDS`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings


@dataclass(frozen=True)
class Kind:
    """One thing that happens and is told: `code` is for programs (batch.released), `title` for people."""

    code: str
    title: str


TEST = Kind("outbox.test", "A test message")


@cache
def known_kinds() -> dict[str, Kind]:
    """Everything the rooms announce, by code."""
    return {kind.code: kind for kind in _declared()}


def title_of(code: str) -> str:
    """The words for people. A kind that is announced no more still names itself in old messages."""
    return {TEST.code: TEST, **known_kinds()}.get(code, Kind(code, code)).title


def _declared() -> Iterator[Kind]:
    for room in ("mes.accounts", *settings.ROOMS):
        name = f"{room}.announcements"
        if find_spec(name):
            yield from import_module(name).KINDS
