"""A connection with an OPC UA server, kept by a thread of its own: a server speaks also while nobody asks.

A line is opened once and thrown away when it is lost. Nodes are named by text; nothing of the library leaves this file
but what `ask` is given to do.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from uuid import UUID

from asyncua import Client, ua
from asyncua.common.node import Node
from asyncua.common.subscription import DataChangeNotif

from equipment.adapters.base import Quality
from equipment.adapters.opcua.security import identify_as, secure
from equipment.adapters.opcua.tag_map import Endpoint, as_kind

# It writes whole tracebacks for every lost connection; the gateway says so in a line, once.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

T = TypeVar("T")
SLOWEST = 2.0  # a whole exchange of several requests may take so many times the time of one
FASTEST_PUBLISHING = 0.1  # seconds
SIGN_OF_LIFE = 10.0  # seconds after which a server without news says that there are none
FORGOTTEN_AFTER = 60_000  # milliseconds after which a server ends the session of a gateway that was killed
KEPT_BY_SERVER = 100  # changes of one node between two publications
# Of the words for units in an EUInformation, the codes of UN/ECE Recommendation 20 are the same in every language.
UNITS = {
    "CEL": "°C",
    "P1": "%",
    "RPM": "rpm",
    "MLT": "mL",
    "MTS": "m/s",
    "DD": "°",
    "M33": "mmol/L",
    "C86": "1/m³",
    "Q30": "pH",
    "C62": "1",
}


class LineLost(Exception):
    """`was_closed` when the other side ended it, which is no sign that it is away; else it does not answer."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error) or "no answer in time")
        self.was_closed = isinstance(error, ConnectionError | ua.UaError)


@dataclass(frozen=True, slots=True)
class Told:
    """What a server says of one node. `kind` is the type of the value, empty where there is none."""

    value: Any
    kind: str
    status: str
    quality: Quality
    source_at: datetime | None
    server_at: datetime | None


class Line:
    def __init__(self, place: Endpoint, directory: Path, on_change: Callable[[str, Told], None]) -> None:
        """Raises LineLost when the server cannot be reached or refuses us."""
        self.place = place
        self.directory = directory
        self._on_change = on_change
        self._names: dict[ua.NodeId, str] = {}
        self._namespaces: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=f"opcua {place.endpoint}", daemon=True)
        self._thread.start()
        self._client = Client(place.endpoint, timeout=place.timeout, watchdog_intervall=place.timeout)
        self._client.session_timeout = FORGOTTEN_AFTER
        try:
            self.ask(self._connect())
        except Exception:
            self._end()
            raise

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        limited = asyncio.wait_for(work, self.place.timeout * SLOWEST)
        try:
            return asyncio.run_coroutine_threadsafe(limited, self._loop).result()
        except (ua.UaError, OSError, ValueError) as error:
            raise LineLost(error) from error

    def close(self) -> None:
        with suppress(LineLost):
            self.ask(self._client.disconnect())
        self._end()

    def abandon(self) -> None:
        """Without a word: nobody listens."""
        self._client.disconnect_socket()
        self._end()

    def read(self, nodes: Sequence[str], attribute: ua.AttributeIds = ua.AttributeIds.Value) -> list[Told]:
        return self.ask(self._read(nodes, attribute)) if nodes else []

    def write(self, node: str, value: float | str, kind: str) -> str:
        """Why it was refused, or nothing."""
        return self.ask(self._write(node, value, kind))

    def kinds(self, nodes: Sequence[str]) -> dict[str, str]:
        """Of which type the values are that each node takes."""
        return self.ask(self._kinds(nodes)) if nodes else {}

    def call(self, owner: str, method: str, arguments: Sequence[float | str]) -> str:
        """Why the call was refused, or nothing."""
        return self.ask(self._call(owner, method, arguments))

    def listen(self, nodes: Sequence[str]) -> set[str]:
        """Be told of every change from now on. Which of the nodes the server agrees to tell of."""
        return self.ask(self._listen(nodes)) if nodes else set()

    def units(self, nodes: Sequence[str]) -> dict[str, str]:
        """In which unit of measure each node is that says so."""
        return self.ask(self._units(nodes)) if nodes else {}

    async def types(self) -> dict[str, Any]:
        """The structures and enumerations of the server's own, as it describes them, beside the standard's.

        The library keeps them for the whole process, and tells only of those it has not met before.
        """
        await self._client.load_data_type_definitions()
        return vars(ua)

    def node(self, name: str) -> Node:
        return self._client.get_node(self.node_id(name))

    def node_id(self, name: str) -> ua.NodeId:
        """A namespace the server does not have gets a number it does not have, and the server's own refusal."""
        if name.startswith("nsu="):
            uri, rest = name.removeprefix("nsu=").split(";", 1)
            index = self._namespaces.index(uri) if uri in self._namespaces else 65535
            name = f"ns={index};{rest}"
        return ua.NodeId.from_string(name)

    def name_of(self, node_id: ua.NodeId) -> str:
        """By the namespace itself, which stays the same."""
        index, text = node_id.NamespaceIndex, node_id.to_string()
        return f"nsu={self._namespaces[index]};{text.removeprefix(f'ns={index};')}" if index else text

    def datachange_notification(self, node: Node, value: object, data: DataChangeNotif) -> None:
        """The library calls this, in the thread of the line."""
        self._on_change(self._names[node.nodeid], _told(data.monitored_item.Value))

    def _end(self) -> None:
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> None:
        if self.place.security:
            await secure(self._client, self.place.security, self.directory)
        if self.place.user:
            await identify_as(self._client, self.place.user, self.directory)
        try:
            await self._client.connect()
        except AssertionError as error:
            # What the library makes of a server that ends the line instead of answering the wish for a secure one.
            raise ConnectionError("it ends the line before it is secure; it may not trust our certificate") from error
        self._namespaces = await self._client.get_namespace_array()

    async def _read(self, nodes: Sequence[str], attribute: ua.AttributeIds = ua.AttributeIds.Value) -> list[Told]:
        wanted = [ua.ReadValueId(self.node_id(name), attribute) for name in nodes]
        both = ua.ReadParameters(MaxAge=0, TimestampsToReturn=ua.TimestampsToReturn.Both, NodesToRead=wanted)
        return [_told(value) for value in await self._client.uaclient.session.read(both)]

    async def _kinds(self, nodes: Sequence[str]) -> dict[str, str]:
        """The type of the present value; of a node without one, the type it is declared to have."""
        present = await self._read(nodes)
        declared = await self._read(nodes, ua.AttributeIds.DataType)
        return {
            name: told.kind or _built_in(type_.value)
            for name, told, type_ in zip(nodes, present, declared, strict=True)
        }

    async def _write(self, node: str, value: float | str, kind: str) -> str:
        new = ua.DataValue(_variant(value, kind))
        (result,) = await self._client.uaclient.session.write_attributes([self.node_id(node)], [new])
        return result.name if result.is_bad() else ""

    async def _call(self, owner: str, method: str, arguments: Sequence[float | str]) -> str:
        kinds = await self._argument_kinds(self.node(method))
        if len(kinds) != len(arguments):
            return f"it takes {len(kinds)} arguments, not {len(arguments)}"
        passed = [_variant(value, kind) for value, kind in zip(arguments, kinds, strict=True)]
        request = ua.CallMethodRequest(self.node_id(owner), self.node_id(method), passed)
        (result,) = await self._client.uaclient.session.call([request])
        return result.StatusCode.name if result.StatusCode.is_bad() else ""

    async def _argument_kinds(self, method: Node) -> list[str]:
        for child in await method.get_properties():
            if (await child.read_browse_name()).Name == "InputArguments":
                return [_built_in(argument.DataType) for argument in await child.read_value() or []]
        return []

    async def _listen(self, nodes: Sequence[str]) -> set[str]:
        sampling = self.place.sampling
        subscription = await self._client.create_subscription(_subscription(max(sampling, FASTEST_PUBLISHING)), self)
        self._names.update({self.node_id(name): name for name in nodes})
        handles = await subscription.subscribe_data_change(
            [self.node(name) for name in nodes], queuesize=KEPT_BY_SERVER, sampling_interval=ua.Double(1000 * sampling)
        )
        return {name for name, handle in zip(nodes, handles, strict=True) if isinstance(handle, int)}

    async def _units(self, nodes: Sequence[str]) -> dict[str, str]:
        path = ua.RelativePath.from_string(".0:EngineeringUnits")
        paths = [ua.BrowsePath(self.node_id(name), path) for name in nodes]
        found = await self._client.uaclient.session.translate_browsepaths_to_nodeids(paths)
        where = {
            name: each.Targets[0].TargetId
            for name, each in zip(nodes, found, strict=True)
            if each.StatusCode.is_good() and each.Targets
        }
        told = await self._read([node_id.to_string() for node_id in where.values()]) if where else []
        return {
            name: _unit(each.value)
            for name, each in zip(where, told, strict=True)
            if isinstance(each.value, ua.EUInformation)
        }


def _subscription(interval: float) -> ua.CreateSubscriptionParameters:
    """Published as often as `interval` says in seconds; a silent one is found dead, and opened anew, after seconds."""
    alive = math.ceil(SIGN_OF_LIFE / interval)
    return ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=1000 * interval,
        RequestedMaxKeepAliveCount=alive,
        RequestedLifetimeCount=10 * alive,
        PublishingEnabled=True,
    )


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _told(value: ua.DataValue) -> Told:
    status = value.StatusCode or ua.StatusCode()
    quality = Quality.GOOD if status.is_good() else Quality.BAD if status.is_bad() else Quality.UNCERTAIN
    content = value.Value
    has_value = content is not None and content.Value is not None
    return Told(
        content.Value if content is not None else None,
        content.VariantType.name if content is not None and has_value else "",
        status.name,
        quality,
        _moment(value.SourceTimestamp),
        _moment(value.ServerTimestamp),
    )


def _moment(at: datetime | None) -> datetime | None:
    """The ends of the calendar stand for no time at all."""
    return at if at is not None and 1601 < at.year < 9999 else None


def _built_in(data_type: Any) -> str:
    """The type by its number in the standard, 1 to 25; a kind of enumeration is an Int32 on the wire."""
    if isinstance(data_type, ua.NodeId) and data_type.NamespaceIndex == 0 and isinstance(data_type.Identifier, int):
        number = data_type.Identifier
        return ua.VariantType(number).name if 1 <= number <= 25 else "Double" if number == 290 else "Int32"
    return "Int32"


def _variant(value: float | str, kind: str) -> ua.Variant:
    if kind == "Guid":
        return ua.Variant(UUID(str(value)), ua.VariantType.Guid)
    return ua.Variant(as_kind(value, kind), ua.VariantType[kind])


def _unit(told: ua.EUInformation) -> str:
    code = told.UnitId.to_bytes(4).lstrip(b"\0").decode("ascii", "replace") if told.UnitId > 0 else ""
    return UNITS.get(code) or (told.DisplayName.Text or "").strip()
