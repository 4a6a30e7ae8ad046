"""An incubator in memory, one for the engine and one for the model. It can be slow, deaf or out of reach."""

from __future__ import annotations

from dataclasses import dataclass, field

SECOND = 1_000_000
SLOW = 5 * SECOND
TOLERANCE = 0.05
# unheard … confirming are the places at which the gateway's process is killed.
MOODS = ("good", "good", "good", "gone", "refuses", "loses", "slow", "deaf", "drifts", "mute")
BAD_MOODS = ("gone", "refuses", "refuses", "loses", "deaf", "deaf", "mute", "good")
KILLS = ("unheard", "heard", "acknowledging", "unread", "confirming")

Setpoints = dict[str, float]


class Gone(Exception):
    """No answer."""


class Killed(BaseException):
    """The process is no more; whatever it had not committed is not there."""


@dataclass
class Device:
    """What it was told, in order, and what it shows. Times are microseconds of the life."""

    mode: str = ""
    setpoints: Setpoints = field(default_factory=dict)
    last: object = None
    told: list[tuple[object, str, Setpoints]] = field(default_factory=list)
    mood: str = "good"
    kill: str = ""
    armed: bool = False
    _shown_from: int = 0
    _before: tuple[str, Setpoints] = ("", {})

    def take(self, command: object, name: str, setpoints: Setpoints, now: int) -> bool:
        """The command arrives, or not; whether it is accepted."""
        self._die("unheard")
        if self.mood == "gone":
            raise Gone
        self.told.append((command, name, dict(setpoints)))
        accepted = self.mood != "refuses"
        if accepted:
            self._obey(command, name, setpoints, now)
        self._die("heard")
        if self.mood == "loses":
            raise Gone
        self.armed = self.kill == "acknowledging"
        return accepted

    def _obey(self, command: object, name: str, setpoints: Setpoints, now: int) -> None:
        self._before = self.shown(now)
        self._shown_from = now + (SLOW if self.mood == "slow" else 0)
        self.last = command
        if self.mood == "deaf":
            return
        off = 2 * TOLERANCE if self.mood == "drifts" else 0.0
        self.mode = name
        self.setpoints = self.setpoints | {tag: value + off for tag, value in setpoints.items()}

    def shown(self, now: int) -> tuple[str, Setpoints]:
        return (self.mode, dict(self.setpoints)) if now >= self._shown_from else self._before

    def show(self, now: int) -> tuple[str, Setpoints, object]:
        """Mode, set-points and last command, as the device itself says."""
        self._die("unread")
        if self.mood in {"gone", "mute"}:
            raise Gone
        self.armed = self.armed or self.kill == "confirming"
        return (*self.shown(now), self.last)

    def _die(self, place: str) -> None:
        if self.kill == place:
            raise Killed(place)
