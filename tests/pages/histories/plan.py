"""What happens to two tablets in one step: drawn from a seed, so that any history can be lived again."""

from __future__ import annotations

import random
from dataclasses import dataclass

TABLETS = (0, 1)
SCAN, COMPLETE = "scan", "complete"
WELL, FULL, STUCK = "well", "full", "stuck"
VALUES = tuple(f"v{number}" for number in range(1, 9))
WEIGHTS = {
    "tap": 9,
    "network": 4,
    "fails": 1,
    "apart": 2,
    "back": 2,
    "spent": 1,
    "signed_out": 2,
    "begun": 2,
    "dies": 1,
    "full": 2,
    "stuck": 1,
    "decided": 1,
    "conflict": 2,
}
# What may happen to the next request: see network.js.
FAULTS = ("cut", "answer_lost", "doubled", "late_copy", "slow", "portal", "failing", "failing_late")
FAILING = ("failing", "failing_late")
MOSTLY = 0.8


@dataclass(frozen=True)
class Tap:
    """A value is recorded, a label scanned, or the step completed (`name` says which; values have names of their own).

    Not `awaited`: the tablet dies before it could say that this is kept.
    """

    tablet: int
    name: str
    value: str = ""
    awaited: bool = True


@dataclass(frozen=True)
class Network:
    """The next requests meet these faults, one each."""

    tablet: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Apart:
    """Wi-Fi goes away, or comes back."""

    tablet: int
    apart: bool


@dataclass(frozen=True)
class Spent:
    """Wi-Fi goes away, and the time the recipe allows without it passes: until it is back nothing is taken any more."""

    tablet: int


@dataclass(frozen=True)
class SignedOut:
    """The session ends on the server."""

    tablet: int


@dataclass(frozen=True)
class Unlocked:
    """The person signs in again in the page as it stands, which is of the session before."""

    tablet: int


@dataclass(frozen=True)
class Begun:
    """The page is loaded anew: in the same tab, or in another one after the first was killed."""

    tablet: int
    killed: bool


@dataclass(frozen=True)
class Disk:
    """What the tablet writes from now on is kept ("well"), given back ("full"), or neither ("stuck"): see disk.js."""

    tablet: int
    how: str


@dataclass(frozen=True)
class Waits:
    """The person waits for the answers: as long as it takes, or some seconds where something is in their way."""

    tablet: int


@dataclass(frozen=True)
class Decided:
    """The person looks at what was refused first, and lets what was recorded after it follow, or not."""

    tablet: int
    follows: bool


Act = Tap | Network | Apart | Spent | SignedOut | Unlocked | Begun | Disk | Waits | Decided


def history(seed: int, number: int) -> list[Act]:
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - repeatable, not secret
    label_is_read: list[Act] = [Tap(0, SCAN), Waits(0)]  # before that no value is taken
    acts = label_is_read if chance.random() < MOSTLY else []
    for _ in range(chance.randint(4, 10)):
        acts += _next(chance, chance.choice(TABLETS))
    return acts


def _next(chance: random.Random, tablet: int) -> list[Act]:
    kind = chance.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    tap = _tap(chance, tablet, awaited=kind != "dies")
    other = _tap(chance, tablet, awaited=True)
    faults = tuple(chance.choices(FAILING if kind == "fails" else FAULTS, k=chance.randint(1, 3)))
    decided = Decided(tablet, follows=chance.random() < 0.5)
    begun = Begun(tablet, killed=kind == "dies" or chance.random() < 0.5)
    signed_out: list[Act] = [SignedOut(tablet), tap, Unlocked(tablet)]
    by_kind: dict[str, list[Act]] = {
        "tap": [tap],
        "network": [Network(tablet, faults), tap],
        "fails": [Network(tablet, faults), tap],
        "apart": [Apart(tablet, apart=chance.random() < 0.5)],
        "back": [
            Apart(tablet, apart=True),
            tap,
            other,
            Network(tablet, faults),
            Apart(tablet, apart=False),
            Waits(tablet),
        ],
        "spent": [Spent(tablet), other],
        "signed_out": signed_out[: chance.randint(1, 3)],
        "begun": [begun],
        "dies": [tap, begun],
        "full": [tap, Disk(tablet, FULL), other, Waits(tablet), Disk(tablet, WELL), Waits(tablet)],
        "stuck": [Disk(tablet, STUCK), tap, Begun(tablet, killed=True)],
        "decided": [Waits(tablet), decided],
        "conflict": [*_conflict(chance, tablet), Waits(tablet), decided],
    }
    return by_kind[kind]


def _conflict(chance: random.Random, tablet: int) -> list[Act]:
    """Two values for one reading, and some more of the same person after them."""
    first, *more = chance.sample(VALUES, 3)
    return [Tap(tablet, name, str(chance.randint(1, 999))) for name in (first, first, *more)]


def _tap(chance: random.Random, tablet: int, *, awaited: bool) -> Tap:
    what = chance.choices(("value", SCAN, COMPLETE), (12, 3, 1))[0]
    if what == "value":
        return Tap(tablet, chance.choice(VALUES), str(chance.randint(1, 999)), awaited)
    return Tap(tablet, what, awaited=awaited)
