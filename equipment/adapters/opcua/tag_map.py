"""The tag map of an OPC UA device: where it is, how it is spoken with, and which of its nodes mean what."""

from __future__ import annotations

import struct
from typing import Annotated, Self

from pydantic import Field, model_validator

from equipment.adapters.mapped import CannotWrite, Part, Place, check_names
from equipment.adapters.opcua.security import Security, User
from equipment.classes import EquipmentClass

# `nsu=` names the namespace itself. The number in `ns=` is the server's own, and may be another after its next start.
NodeId = Annotated[str, Field(pattern=r"^(ns=\d+;|nsu=[^;]+;)?[isgb]=.+$")]

_CODES = {
    "Boolean": "?",
    "SByte": "b",
    "Byte": "B",
    "Int16": "h",
    "UInt16": "H",
    "Int32": "i",
    "UInt32": "I",
    "Int64": "q",
    "UInt64": "Q",
    "Float": "f",
    "Double": "d",
}
COMMAND_ID = "command"  # among the arguments of a method: the id of the command


def as_kind(value: float | str, kind: str) -> float | str:
    """The nearest a node of this type can hold; CannotWrite for what does not fit."""
    if kind in ("String", "Guid"):
        return str(value)
    if isinstance(value, str) or kind not in _CODES:
        raise CannotWrite(f"{value} does not fit into {kind}.")
    code = _CODES[kind]
    try:
        raw = struct.pack(f"<{code}", value if code in "fd?" else round(value))
    except (struct.error, OverflowError) as error:
        raise CannotWrite(f"{value:g} does not fit into {kind}.") from error
    number: float = struct.unpack(f"<{code}", raw)[0]
    return number


class Variable(Place):
    node: NodeId


class Mode(Part):
    """The number or word that stands for each state of the class page."""

    node: NodeId
    values: dict[str, int | str]

    def state_of(self, value: object) -> str:
        known = {each: name for name, each in self.values.items()}
        return "not known" if value is None else known.get(value, f"unknown state {value}")  # type: ignore[call-overload]


class Method(Part):
    """What is called to reach a state. `arguments` are set-points by name, and `command` for the id, in its order."""

    object: NodeId
    method: NodeId
    arguments: tuple[str, ...] = ()


class Endpoint(Part):
    """Where a server is and how it is spoken with. `sampling` is how often, in seconds, it looks for a change.

    0 is as often as it can.
    """

    endpoint: str = Field(pattern=r"^opc\.tcp://[^/@\s]+")
    timeout: float = Field(2.0, gt=0, le=5)
    sampling: float = Field(1.0, ge=0, le=60)
    security: Security | None = None
    user: User | None = None

    @model_validator(mode="after")
    def _nobody_reads_the_password(self) -> Self:
        if self.user and not self.security:
            raise ValueError("A user is only told to a device over a line with security.")
        return self


class TagMap(Endpoint):
    """Without `mode` the unit is read and takes no commands.

    `device` is the object that says who it is. `status` is where the device shows its state when that is not where it
    is told. `last_command` keeps what is written to it: with it a restarted gateway knows whether its command arrived.
    """

    device: NodeId | None = None
    tags: dict[str, Variable] = {}
    setpoints: dict[str, Variable] = {}
    mode: Mode | None = None
    status: Mode | None = None
    last_command: NodeId | None = None
    methods: dict[str, Method] = {}

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""
        states = self.methods.keys() | (self.mode.values.keys() if self.mode else set())
        passed = {name for method in self.methods.values() for name in method.arguments} - {COMMAND_ID}
        check_names(page, tags=self.tags, setpoints=self.setpoints, states=states, passed=passed)
