"""My next action: what each room asks of a person. A room offers `home.panels(user)`; settings list them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from mes.accounts.models import User


class Rank(IntEnum):
    """How soon a task wants its person: living cells do not wait."""

    STOPPED = 0
    DUE = 1
    READY = 2
    WAITING = 3


@dataclass(frozen=True)
class Task:
    """One thing to do: `action` is what the button says, `state` a status the badge knows."""

    title: str
    url: str
    detail: str = ""
    action: str = "Open"
    rank: Rank = Rank.READY
    state: str = ""
    state_words: str = ""
    due: str = ""


@dataclass(frozen=True)
class Panel:
    """The tasks of one kind; `empty` is said when there are none, `finds` finds what somebody scans."""

    title: str
    tasks: list[Task] = field(default_factory=list)
    empty: str = "Nothing waits for you here."
    url: str = ""
    more: str = ""
    finds: str = ""


@dataclass(frozen=True)
class Home:
    next: Task | None
    panels: list[Panel]

    @property
    def finds(self) -> str:
        return next((panel.finds for panel in self.panels if panel.finds), "")


def home_of(user: User) -> Home:
    """All panels of a person; the most pressing task stands on its own above them."""
    panels = [panel for offer in _offers() for panel in offer(user)]
    tasks = [task for panel in panels for task in panel.tasks]
    return Home(next=min(tasks, key=lambda task: task.rank, default=None), panels=panels)


def _offers() -> Iterable[Callable[[User], list[Panel]]]:
    for name in settings.HOME_PANELS:
        yield cast(Callable[[User], list[Panel]], import_string(name))
