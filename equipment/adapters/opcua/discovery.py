"""What is on an OPC UA server: its devices (LADS, or any with the nameplate of DI) and what each can tell and take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from asyncua import ua

from equipment.adapters.base import Identity
from equipment.adapters.opcua.line import Line
from equipment.adapters.opcua.nameplate import nameplate_of

MOST_NODES = 2000  # of one device: a larger one is shown as far as this
MAY_BE_WRITTEN = 2  # the bit CurrentWrite of an access level
OBJECTS = f"i={ua.ObjectIds.ObjectsFolder}"
NOT_THE_PLANT = {f"i={ua.ObjectIds.Server}", f"i={ua.ObjectIds.TypesFolder}", f"i={ua.ObjectIds.ViewsFolder}"}
NUMBERS = {"SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double"}


@dataclass(frozen=True, slots=True)
class Variable:
    """`path` is the names on the way from the device to it."""

    path: str
    node: str
    kind: str
    unit: str
    writable: bool
    value: object

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Method:
    path: str
    node: str
    owner: str


@dataclass(frozen=True, slots=True)
class Device:
    node: str
    identity: Identity
    variables: tuple[Variable, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    node: str
    node_class: ua.NodeClass


def discover(line: Line) -> list[Device]:
    """Every device below Objects. A device inside another is a part of it."""
    waiting, seen, devices = [OBJECTS], set(NOT_THE_PLANT), []
    while waiting:
        place = waiting.pop(0)
        identity = line.ask(nameplate_of(line.node(place)))
        if identity is not None:
            devices.append(_device(line, place, identity))
            continue
        inside = [part.node for part in _below(line, place) if _is_new_object(part, seen)]
        seen.update(inside)
        waiting += inside
    return devices


def _device(line: Line, node: str, identity: Identity) -> Device:
    variables: list[Variable] = []
    methods: list[Method] = []
    for path, owner, parts in _places(line, node):
        methods += [Method(path + each.name, each.node, owner) for each in _of(parts, ua.NodeClass.Method)]
        variables += _variables(line, path, _of(parts, ua.NodeClass.Variable))
    return Device(node, identity, tuple(variables), tuple(methods))


def _places(line: Line, device: str) -> Iterator[tuple[str, str, list[_Part]]]:
    """Every object of the device with what is in it, from the outside inwards. Its nameplate is read already."""
    waiting, seen, count = [("", device)], {device}, 0
    while waiting and count < MOST_NODES:
        path, owner = waiting.pop(0)
        parts = _below(line, owner)
        count += len(parts)
        yield path, owner, parts
        inside = [each for each in parts if _is_new_object(each, seen) and each.name != "Identification"]
        seen.update(each.node for each in inside)
        waiting += [(f"{path}{each.name}/", each.node) for each in inside]


def _variables(line: Line, path: str, parts: list[_Part]) -> list[Variable]:
    nodes = [each.node for each in parts]
    kinds, units = line.kinds(nodes), line.units(nodes)
    levels = line.read(nodes, ua.AttributeIds.UserAccessLevel)
    return [
        Variable(
            path + part.name,
            part.node,
            kinds[part.node],
            units.get(part.node, ""),
            bool(int(level.value or 0) & MAY_BE_WRITTEN),
            told.value,
        )
        for part, level, told in zip(parts, levels, line.read(nodes), strict=True)
    ]


def _below(line: Line, place: str) -> list[_Part]:
    """What is in an object; not its properties, which say something about it."""
    node, forward = line.node(place), ua.BrowseDirection.Forward
    found = line.ask(node.get_references(ua.ObjectIds.HierarchicalReferences, forward))
    properties = ua.NodeId(ua.Int32(ua.ObjectIds.HasProperty))
    return [
        _Part(each.BrowseName.Name, line.name_of(each.NodeId), each.NodeClass)
        for each in found
        if each.ReferenceTypeId != properties
    ]


def _of(parts: list[_Part], node_class: ua.NodeClass) -> list[_Part]:
    return [each for each in parts if each.node_class == node_class]


def _is_new_object(part: _Part, seen: set[str]) -> bool:
    return part.node_class == ua.NodeClass.Object and part.node not in seen
