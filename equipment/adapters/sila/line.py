"""One connection to a SiLA server. Every question has its time: a server that hangs is one that does not answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

import grpc
import structlog
from sila2.client import ClientObservableCommand, ClientObservableProperty, SilaClient
from sila2.framework import (
    DefinedExecutionError,
    FrameworkError,
    SilaConnectionError,
    UndefinedExecutionError,
    ValidationError,
)
from sila2.framework.constraints.unit import Unit
from sila2.framework.data_types.constrained import Constrained
from sila2.framework.data_types.integer import Integer

from equipment.adapters.mapped import CannotWrite
from equipment.adapters.sila.tag_map import TagMap

T = TypeVar("T")
log = structlog.get_logger(__name__)
REFUSED = (DefinedExecutionError, UndefinedExecutionError, ValidationError, FrameworkError)
LOST = (SilaConnectionError, grpc.RpcError, RuntimeError, OSError)
MOST_KEPT = 100_000
BETWEEN_LOOKS = 0.02
SAME = 1e-9  # a whole number after a scale is one by no more than this


class LineLost(Exception):
    """Nobody answers, or nobody who may be believed."""


@dataclass(frozen=True, slots=True)
class Change:
    """SiLA tells no time: a value is as old as the moment it came."""

    property: str
    value: Any
    at: datetime


class Line:
    """Changes of observable properties wait in a queue, in order, until the gateway asks."""

    def __init__(self, place: TagMap, directory: Path, clock: Callable[[], datetime]) -> None:
        self.place, self.clock = place, clock
        self._changes: deque[Change] = deque(maxlen=MOST_KEPT)
        self._present: dict[str, Any] = {}
        self._one_by_one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sila")
        self._client = self._answered(partial(_connected, place, directory))

    def identity(self) -> tuple[str, str, str, str]:
        """Vendor, name, UUID and version of the server."""
        said = self._client.SiLAService
        told = (said.ServerVendorURL, said.ServerType, said.ServerUUID, said.ServerVersion)
        return self._answered(lambda: tuple(str(each.get()) for each in told))  # type: ignore[return-value]

    def listen(self, name: str) -> None:
        """Every change from now on; nothing where the property is not observable."""
        found = self._member(name)
        if not isinstance(found, ClientObservableProperty):
            return
        told, heard = self._answered(found.subscribe), Flag()
        Thread(target=self._follow, args=(name, told, heard), name=f"sila {name}", daemon=True).start()
        # The present value comes first: until it is there nobody knows whether the server listens to us already.
        heard.wait(self.place.timeout / 2)

    def changes(self) -> list[Change]:
        """Every change since the last call."""
        told = [self._changes.popleft() for _ in range(len(self._changes))]
        self._present |= {each.property: each.value for each in told}
        return told

    def unchanged(self, name: str) -> Any:
        """The value that `changes` told last, now that the server answers: none still on its way is overtaken."""
        answer = self.value(name)
        return answer if answer is None else self._present.get(name, answer)

    def value(self, name: str) -> Any:
        """None for what the server refuses to tell."""
        try:
            return self._answered(self._member(name).get)
        except REFUSED as refusal:
            log.warning("sila_refuses", property=name, reason=_words(refusal))
            return None

    def unit(self, name: str) -> str:
        """What the feature says the property is measured in; empty where it says nothing."""
        kind = self._member(name)._wrapped_property.data_type
        limits = kind.constraints if isinstance(kind, Constrained) else []
        return next((each.label for each in limits if isinstance(each, Unit)), "")

    def call(self, name: str, parameters: Mapping[str, Any]) -> None:
        """CannotWrite with what the server says when it refuses, at once or when it begins."""
        command = self._member(name)
        try:
            begun = self._answered(partial(command, **_as_declared(command, parameters)))
            if isinstance(command, ClientObservableCommand):
                self._answered(partial(_wait_for_beginning, begun, self.place.timeout / 2))
        except REFUSED as refusal:
            raise CannotWrite(_words(refusal)) from refusal

    def close(self) -> None:
        self._client.close()
        self._one_by_one.shutdown(wait=False, cancel_futures=True)

    def _member(self, name: str) -> Any:
        feature, _, member = name.partition(".")
        found = getattr(getattr(self._client, feature, None), member, None)
        if found is None:
            raise LineLost(f"the server has no {name}")
        return found

    def _follow(self, name: str, told: Iterable[Any], heard: Flag) -> None:
        """In a thread of its own: the library runs callbacks side by side, which would lose the order."""
        with suppress(*LOST):  # whoever asks next finds that nobody answers
            for value in told:
                self._changes.append(Change(name, value, self.clock()))
                heard.set()

    def _answered(self, question: Callable[[], T]) -> T:
        try:
            return self._one_by_one.submit(question).result(self.place.timeout)
        except TooLong as error:
            raise LineLost("it did not answer in time") from error
        except LOST as error:
            raise LineLost(_words(error)) from error


def _connected(place: TagMap, directory: Path) -> SilaClient:
    authority = (directory / Path(place.authority).name).read_bytes() if place.authority else None
    client = SilaClient(place.host, place.port, root_certs=authority, insecure=place.insecure)
    told = client.SiLAService.ServerUUID.get()
    if place.server is not None and told != str(place.server):
        client.close()
        raise RuntimeError(f"another server answers: {told}")
    return client


def _as_declared(command: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """As the feature declares them; CannotWrite for others, and for a fraction where whole numbers are taken."""
    declared = {each._identifier: each.data_type for each in command._wrapped_command.parameters.fields}
    if declared.keys() != parameters.keys():
        told, takes = (", ".join(sorted(names)) or "none" for names in (parameters, declared))
        raise CannotWrite(f"The parameters of the command are {takes}; the tag map tells {told}.")
    return {name: _fitting(name, declared[name], value) for name, value in parameters.items()}


def _fitting(name: str, kind: Any, value: Any) -> Any:
    kind = kind.base_type if isinstance(kind, Constrained) else kind
    if not isinstance(kind, Integer) or not isinstance(value, float):
        return value
    if abs(value - round(value)) > SAME:
        raise CannotWrite(f"{name} takes whole numbers, not {value:g}.")
    return round(value)


def _wait_for_beginning(begun: Any, seconds: float) -> None:
    """An observable command that fails at once is a refusal; one that runs is followed by what the device shows."""
    end = monotonic() + seconds
    while not begun.done and monotonic() < end and not begun.progress:
        Flag().wait(BETWEEN_LOOKS)
    if begun.done:
        begun.get_responses()


def _words(error: Exception) -> str:
    return (getattr(error, "message", "") or str(error) or type(error).__name__).strip().rstrip(".")
