"""The tag map of an OPC UA device: where it is, how it is spoken with, and which of its nodes mean what."""

from __future__ import annotations

import math
import struct
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class CannotWrite(Exception):
    """The device, or what its node can hold, refuses the value."""


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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Variable(_Part):
    """One number, in `unit`. `low` and `high` bound what the instrument can show, where that is less than the class."""

    node: NodeId
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf


class Mode(_Part):
    """The number or word that stands for each state of the class page."""

    node: NodeId
    values: dict[str, int | str]

    def state_of(self, value: object) -> str:
        known = {each: name for name, each in self.values.items()}
        return "not known" if value is None else known.get(value, f"unknown state {value}")  # type: ignore[call-overload]


class Method(_Part):
    """What is called to reach a state. `arguments` are set-points by name, and `command` for the id, in its order."""

    object: NodeId
    method: NodeId
    arguments: tuple[str, ...] = ()


class TagMap(_Part):
    """Without `mode` the unit is read and takes no commands.

    `device` is the object that says who it is. `status` is where the device shows its state when that is not where it
    is told. `last_command` keeps what is written to it: with it a restarted gateway knows whether its command arrived.
    `sampling` is how often, in seconds, the server looks for a change; 0 is as often as it can.
    """

    endpoint: str = Field(pattern=r"^opc\.tcp://[^/@\s]+")
    timeout: float = Field(2.0, gt=0, le=5)
    sampling: float = Field(1.0, ge=0, le=60)
    security: Security | None = None
    user: User | None = None
    device: NodeId | None = None
    tags: dict[str, Variable] = {}
    setpoints: dict[str, Variable] = {}
    mode: Mode | None = None
    status: Mode | None = None
    last_command: NodeId | None = None
    methods: dict[str, Method] = {}

    @model_validator(mode="after")
    def _nobody_reads_the_password(self) -> TagMap:
        if self.user and not self.security:
            raise ValueError("A user is only told to a device over a line with security.")
        return self

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""
        setpoints = {each.name: each.unit for command in page.commands for each in command.setpoints}
        states = self.mode.values.keys() if self.mode else set()
        passed = {name for method in self.methods.values() for name in method.arguments} - {COMMAND_ID}
        named = {
            "tag": self.tags.keys() - {tag.name for tag in page.tags},
            "set-point": (self.setpoints.keys() | passed) - setpoints.keys(),
            "state": (states | self.methods.keys()) - {each.name for each in page.commands},
        }
        for what, unknown in named.items():
            if unknown:
                raise ValueError(f"{page.name} has no {what} {', '.join(sorted(unknown))}.")
        for name, variable in self.setpoints.items():
            if variable.unit != setpoints[name]:
                raise ValueError(f"Set-point {name} is in {setpoints[name]}, not in {variable.unit or 'no unit'}.")
