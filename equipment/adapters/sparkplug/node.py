"""The life of an edge node and one of its devices, as its messages tell it: birth, data, death, and what is missing.

Nothing is believed before a birth, nor after a gap in the sequence: something may have changed that nobody told us.
"""

from __future__ import annotations

from dataclasses import replace

from equipment.adapters.sparkplug.metric import Message, Metric, signed

BD_SEQ = "bdSeq"
REBIRTH = "Node Control/Rebirth"
NUMBERS = 256


class Loss(str):
    """A doubt whose reason is that messages are missing."""


class Node:
    """`doubt` says why nothing is to be believed; it is empty while everything is. `device` is empty for the node."""

    def __init__(self, device: str = "") -> None:
        self.device = device
        self.doubt = "It has told nothing yet."
        self.metrics: dict[str, Metric] = {}
        self._aliases: dict[int, str] = {}
        self._next: int | None = None  # the number of the next message, where we are in step
        self._life: object = None
        self._is_dead = False

    @property
    def needs_birth(self) -> bool:
        """Somebody may be there to be asked for it. A dead node is born again by itself."""
        return self._next is None and not self._is_dead

    def take(self, kind: str, device: str, message: Message) -> list[Metric]:
        """The metrics of ours in a message, with names, types and units from the birth. Other devices only count."""
        ours = device == self.device
        if kind == "NBIRTH":
            return self._born(message) if ours else self._node_born(message)
        if kind == "NDEATH":
            self._died(message)
            return []
        if not self._follows(message):
            return []
        if kind == "DBIRTH" and ours:
            return self._device_born(message)
        if kind == "DDEATH" and ours:
            self.doubt = "The device has died."
        if kind in ("NDATA", "DDATA") and ours and not self.doubt:
            return [metric for each in message.metrics if (metric := self._named(each)) is not None]
        return []

    def lose(self, reason: str) -> None:
        """Nobody listened for a while: whoever is out there has to be born again for us."""
        self.doubt, self._next, self._is_dead = reason, None, False

    def _born(self, message: Message) -> list[Metric]:
        self._begin_life(message)
        return self._learn(message)

    def _node_born(self, message: Message) -> list[Metric]:
        """A device is born after its node, and the aliases are those of the whole node."""
        self._begin_life(message)
        self.doubt = "The device has not been born yet."
        return []

    def _begin_life(self, message: Message) -> None:
        told = message.find(BD_SEQ)
        self._life = told.value if told else None
        self._next, self._is_dead = ((message.seq or 0) + 1) % NUMBERS, False
        self.metrics, self._aliases = {}, {}

    def _device_born(self, message: Message) -> list[Metric]:
        self.metrics, self._aliases = {}, {}
        return self._learn(message)

    def _learn(self, message: Message) -> list[Metric]:
        self.doubt = ""
        for each in message.metrics:
            if each.alias is not None and each.name:
                self._aliases[each.alias] = each.name
            self.metrics[each.name] = each
        return [each for each in message.metrics if each.name != BD_SEQ]

    def _died(self, message: Message) -> None:
        """The death of an earlier life comes late, when its broker notices; it is not this one's."""
        told = message.find(BD_SEQ)
        if self._life is None or told is None or told.value == self._life:
            self.doubt, self._next, self._is_dead = "The node has died.", None, True

    def _follows(self, message: Message) -> bool:
        """False for one that came twice, too: it is taken once."""
        expected = self._next
        if expected is None:
            self.lose("It sends data, but nobody heard its birth.")
        elif message.seq == expected:
            self._next = (expected + 1) % NUMBERS
            return True
        elif message.seq != (expected - 1) % NUMBERS:
            lost = f"Message {expected} was to come, and {message.seq} came: something between them is lost."
            self.lose(Loss(lost))
        return False

    def _named(self, metric: Metric) -> Metric | None:
        name = metric.name or self._aliases.get(metric.alias if metric.alias is not None else -1, "")
        birth = self.metrics.get(name)
        if birth is None:
            return None
        datatype = metric.datatype or birth.datatype
        value = signed(metric.value, datatype) if isinstance(metric.value, float) else metric.value
        known = replace(metric, name=name, datatype=datatype, value=value, unit=metric.unit or birth.unit)
        if not metric.is_historical:
            self.metrics[name] = known
        return known
