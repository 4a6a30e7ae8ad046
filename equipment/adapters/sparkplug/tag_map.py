"""The tag map of a Sparkplug device: its broker, its name there, and which of its metrics mean what."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, model_validator

from equipment.adapters.mapped import Part, Place, check_names
from equipment.classes import EquipmentClass

Name = Annotated[str, Field(pattern=r"^[^+#/]+$")]  # a level of a topic


class MetricPlace(Place):
    metric: str


class Mode(Part):
    """The number or word that stands for each state of the class page."""

    metric: str
    values: dict[str, float | str]

    def state_of(self, value: object) -> str:
        known = {each: name for name, each in self.values.items()}
        return "not known" if value is None else known.get(value, f"unknown state {value}")  # type: ignore[call-overload]


class Tls(Part):
    """Files beside the map. Without `authority` the ones the machine trusts count."""

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None


class User(Part):
    name: str
    password: SecretStr


class Nameplate(Part):
    """Metrics of the birth that say who it is."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""


class TagMap(Part):
    """Without `mode` the unit is read and takes no commands. `host` is who we are to nodes that wait for us (STATE)."""

    broker: str
    port: int = Field(1883, ge=1, le=65535)
    timeout: float = Field(2.0, gt=0, le=5)
    tls: Tls | None = None
    user: User | None = None
    host: Name = "baton"
    group: Name
    node: Name
    device: Name | None = None
    nameplate: Nameplate = Nameplate()
    tags: dict[str, MetricPlace] = {}
    setpoints: dict[str, MetricPlace] = {}
    mode: Mode | None = None
    last_command: str | None = None

    @model_validator(mode="after")
    def _nobody_reads_the_password(self) -> TagMap:
        if self.user and not self.tls:
            raise ValueError("A user is only told to a broker over TLS.")
        return self

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""
        states = self.mode.values if self.mode else ()
        check_names(page, tags=self.tags, setpoints=self.setpoints, states=states)
