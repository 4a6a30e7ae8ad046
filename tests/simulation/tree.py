"""The model's procedural tree: ISA-88 states and how commands go down and states come up.

Written from the table of IEC 61512 in the requirements (R-097 to R-101), not from the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.plans import Plan

ACTIVE = ("RUNNING", "PAUSING", "PAUSED", "RESTARTING")
STOPPABLE = (*ACTIVE, "HOLDING", "HELD")
FINAL = ("COMPLETE", "STOPPED", "ABORTED")
TABLE: dict[str, tuple[tuple[str, ...], str]] = {
    "START": (("IDLE",), "RUNNING"),
    "PAUSE": (("RUNNING",), "PAUSING"),
    "RESUME": (("PAUSED",), "RUNNING"),
    "HOLD": (ACTIVE, "HOLDING"),
    "RESTART": (("HELD",), "RESTARTING"),
    "STOP": (STOPPABLE, "STOPPING"),
    "ABORT": ((*STOPPABLE, "STOPPING", "STOPPED"), "ABORTING"),
    "RESET": (FINAL, "IDLE"),
}
BY_ITSELF = {
    "PAUSING": "PAUSED",
    "HOLDING": "HELD",
    "RESTARTING": "RUNNING",
    "STOPPING": "STOPPED",
    "ABORTING": "ABORTED",
}


@dataclass(eq=False)
class Element:
    """Batch, unit procedure or operation; times are microseconds of the life."""

    key: str
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    state: str = "IDLE"
    attempt: int = 1
    started: int | None = None
    ended: int | None = None

    def can(self, command: str) -> bool:
        return self.state in TABLE[command][0]

    def below(self) -> Iterator[Element]:
        for child in self.children:
            yield child
            yield from child.below()

    def is_required(self) -> bool:
        """A parent waits for its required children only; nothing is required of one whose steps are all left out."""
        return any(child.is_required() for child in self.children)

    def begin_again(self) -> None:
        self.attempt += 1
        self.started = self.ended = None


@dataclass(eq=False)
class Finding:
    """Something quality will look at. `about` is the recorded value it was raised on."""

    key: str
    attempt: int
    kind: str
    severity: str
    blocks: bool = False
    about: Recorded | None = None
    is_open: bool = True
    deviation: Deviation | None = None

    @property
    def can_be_judged(self) -> bool:
        return self.is_open and self.blocks and self.deviation is None


@dataclass(eq=False)
class Deviation:
    blocks: bool
    approved: bool = False


@dataclass(eq=False)
class Recorded:
    """A value in force: as text, and its verdict."""

    name: str
    text: str
    verdict: str


@dataclass(eq=False)
class Order:
    """A command to the unit: requested, sent, acknowledged, then confirmed or failed; of a step, or of the batch."""

    step: Step | None
    attempt: int
    to_safety: bool = False
    status: str = "requested"
    attempts: int = 0
    look_again: int | None = None
    give_up: int | None = None

    @property
    def is_open(self) -> bool:
        return self.status in {"requested", "sent", "acknowledged"}


class Step(Element):
    """A phase with what was recorded in its current attempt. `facts` counts what a signature would cover."""

    def __init__(self, plan: Plan, parent: Element) -> None:
        super().__init__(plan.key, parent)
        self.plan = plan
        self.needed = True
        self.facts = 0
        self._empty()

    def _empty(self) -> None:
        self.facts += 1
        self.performer = ""
        self.hands: set[str] = set()
        self.opens: int | None = None
        self.late: int | None = None
        self.due: int | None = None
        self.values: dict[str, Recorded] = {}
        self.result: Recorded | None = None
        self.decided = ""
        self.scanned = self.added = self.late_end_noted = False
        self.orders: list[Order] = []
        self.signed = self.verified = -1

    def begin_again(self) -> None:
        super().begin_again()
        self._empty()

    def is_required(self) -> bool:
        return self.needed

    def note(self, who: str) -> None:
        """A fact was recorded: what was signed before no longer stands on what the step says."""
        self.facts += 1
        self.hands.add(who)

    @property
    def is_open(self) -> bool:
        return self.needed and self.state != "COMPLETE"

    @property
    def is_signed(self) -> bool:
        return self.signed == self.facts

    @property
    def is_verified(self) -> bool:
        return self.verified == self.facts
