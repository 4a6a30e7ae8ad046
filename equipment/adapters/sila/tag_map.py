"""The tag map of a SiLA 2 device: where its server is, and which of its properties and commands mean what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from equipment.adapters.mapped import Part, Place, check_names
from equipment.classes import EquipmentClass

COMMAND_ID = "command"  # among the parameters of a command: the id of Baton's command
Member = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*$")]  # Feature.Property


class Property(Place):
    """`element` is the one meant where it is a structure. The value is number × scale + offset, in `unit`."""

    property: Member
    element: str = ""
    scale: float = 1
    offset: float = 0


class Mode(Part):
    """The word or number that stands for each state of the class page."""

    property: Member
    element: str = ""
    values: dict[str, str | int | bool]

    def state_of(self, value: object) -> str:
        known = {each: name for name, each in self.values.items()}
        return "not known" if value is None else known.get(value, f"unknown state {value}")  # type: ignore[call-overload]


class Order(Part):
    """What leads to a state. `parameters` are set-points by the command's own names, and `command` for the id."""

    command: Member
    parameters: dict[str, str] = {}


class TagMap(Part):
    """Without `mode` the unit is read and takes no commands.

    `authority` signed the server's certificate, in PEM beside the map; an open line has to be asked for (`insecure`).
    `server` is the UUID of the one that must answer. `last_command` keeps the id it was told with a command.
    """

    host: str
    port: int = Field(50052, ge=1, le=65535)
    timeout: float = Field(5.0, gt=0, le=10)
    authority: str | None = None
    insecure: bool = False
    server: UUID | None = None
    tags: dict[str, Property] = {}
    setpoints: dict[str, Property] = {}
    mode: Mode | None = None
    last_command: Member | None = None
    commands: dict[str, Order] = {}

    @model_validator(mode="after")
    def _an_open_line_is_meant(self) -> TagMap:
        if bool(self.authority) == self.insecure:
            raise ValueError("Name the authority of the server's certificate, or say that the line is insecure.")
        return self

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""
        told = {name for order in self.commands.values() for name in order.parameters.values()} - {COMMAND_ID}
        states = self.commands.keys() | (self.mode.values.keys() if self.mode else set())
        check_names(page, tags=self.tags, setpoints=self.setpoints, states=states, passed=told)
