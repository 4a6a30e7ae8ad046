"""The words an equipment class page is written in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """One measured value. `low` and `high` bound what the instrument can show: a value outside them is in doubt.

    `accuracy` is the standard deviation of a single reading. `module` is the ISA-88 equipment module the
    measurement belongs to; the tag itself is the control module (R-109). A `continuous` one must tell something
    for as long as material is open (R-113).
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    accuracy: float = 0.0
    decimals: int = 1
    module: str = ""
    continuous: bool = False


@dataclass(frozen=True, slots=True)
class Setpoint:
    """One set-point of a command, in `unit`. Left out, the device keeps `default`; in trouble it gets `safe`.

    The read-back must agree with what was asked for within `tolerance`.
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    safe: float
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class CommandPage:
    """A state the unit can be moved to. `minutes` is how long its programme runs; 0 means until told otherwise."""

    name: str
    title: str
    setpoints: tuple[Setpoint, ...] = ()
    minutes: float = 0.0

    def setpoint(self, name: str) -> Setpoint | None:
        return next((each for each in self.setpoints if each.name == name), None)

    def defaults(self) -> dict[str, float]:
        return {each.name: each.default for each in self.setpoints}

    def safe_values(self) -> dict[str, float]:
        return {each.name: each.safe for each in self.setpoints}


@dataclass(frozen=True, slots=True)
class EquipmentClass:
    """Everything Baton knows about a kind of equipment.

    `shared` units hold closed containers of many patients at once (stores); every other unit holds one batch at a
    time (R-108). `closed` units keep the material away from the room's air, so their room may serve other batches.
    `cleaned_after_use` classes are no longer clean once a batch has left them; `calibrated` classes are unfit without
    a calibration in date. `safe` names the command a unit is moved to when a command failed on it.
    An `on_demand` class measures when it is told to: between two measurements it answers and tells nothing.
    """

    code: str
    name: str
    tags: tuple[Tag, ...]
    commands: tuple[CommandPage, ...] = ()
    safe: str = ""
    closed: bool = False
    shared: bool = False
    calibrated: bool = True
    cleaned_after_use: bool = False
    on_demand: bool = False

    def tag(self, name: str) -> Tag | None:
        return next((each for each in self.tags if each.name == name), None)

    def setpoint_label(self, name: str) -> str:
        """What a person reads for a set-point: the words of the value it sets, where one of that name is measured."""
        tag = self.tag(name)
        return tag.label if tag else name.replace("_", " ").capitalize()

    def command(self, name: str) -> CommandPage | None:
        return next((each for each in self.commands if each.name == name), None)
