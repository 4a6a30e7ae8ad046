"""Who a device is: the nameplate of OPC UA for Devices (DI), which LADS devices have too, or the server's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncua import ua

from equipment.adapters.base import Identity

if TYPE_CHECKING:
    from asyncua.common.node import Node

    from equipment.adapters.opcua.line import Line

NAMEPLATE = ("Manufacturer", "Model", "SerialNumber", "SoftwareRevision")
BUILD_INFO = (
    ua.ObjectIds.Server_ServerStatus_BuildInfo_ManufacturerName,
    ua.ObjectIds.Server_ServerStatus_BuildInfo_ProductName,
    ua.ObjectIds.Server_ServerStatus_BuildInfo_SoftwareVersion,
)


async def nameplate(line: Line, device: str | None) -> Identity:
    """Of the device; without one, of the only one on the server; else the make and version of the server itself."""
    node = line.node(device) if device else await _only_device(line)
    told = await nameplate_of(node) if node else None
    if told is not None:
        return told
    maker, product, version = [await _text(line.node(f"i={number}")) for number in BUILD_INFO]
    return Identity(maker, product, "", version)


async def nameplate_of(node: Node) -> Identity | None:
    """None for what has none. It is on the device itself or in its group Identification."""
    parts = await children(node)
    group = parts.get("Identification")
    parts = (await children(group) if group else {}) | parts
    if not {"Manufacturer", "SerialNumber"} <= parts.keys():
        return None
    return Identity(*[await _text(parts[name]) if name in parts else "" for name in NAMEPLATE])


async def children(node: Node) -> dict[str, Node]:
    """By name, in whatever namespace: the same word means the same in DI, in LADS and in the maker's own."""
    found = await node.get_references(ua.ObjectIds.HierarchicalReferences, ua.BrowseDirection.Forward)
    return {each.BrowseName.Name: type(node)(node.session, each.NodeId) for each in found}


async def _only_device(line: Line) -> Node | None:
    devices = (await children(line.node(f"i={ua.ObjectIds.ObjectsFolder}"))).get("DeviceSet")
    found = [each for each in (await children(devices)).values() if await nameplate_of(each)] if devices else []
    return found[0] if len(found) == 1 else None


async def _text(node: Node) -> str:
    """A text in one language or in several; nothing where the server gives none."""
    told: Any = (await node.read_data_value(raise_on_bad_status=False)).Value
    value = told.Value if told else None
    return str((value.Text if isinstance(value, ua.LocalizedText) else value) or "")
