"""The interface of a Vi-CELL BLU in plain words.

Objects, methods, structures and their fields are called as in the maker's published examples
(github.com/as01-beckman/ViCellOpcUaExampleCode, software 1.4.4.1). Their shapes come from the instrument itself. Only
who holds the automation lock may start a sample or ask for results, and nobody can work at its screen meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asyncua import ua

from equipment.adapters.opcua.nameplate import children

if TYPE_CHECKING:
    from asyncua.common.node import Node

    from equipment.adapters.opcua.line import Line
    from equipment.adapters.vi_cell_blu.place import Place

STATE_OBJECT, METHODS, PLAY = "ViCellBluStateObject", "Methods", "PlayControl"
FILTER_ON_SAMPLE = 1


class NotDone(Exception):
    """The instrument says why it did not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Count:
    """One counted sample. Densities in cells/mL, viability in percent. `tag` is what it was started with."""

    tag: str
    dilution: float
    at: datetime
    viable_density: float
    total_density: float
    viability: float
    counted: int


class Instrument:
    """Everything here is asynchronous: it runs in the thread of the line."""

    def __init__(self, line: Line, place: Place) -> None:
        self._line, self._place = line, place
        self._parts: dict[str, Node] = {}
        self._owners: dict[str, tuple[Node, Node]] = {}
        self._types: dict[str, Any] = {}

    async def learn(self) -> None:
        """NotDone for a server that is no Vi-CELL BLU, or does not describe what it takes."""
        objects = await children(self._line.node(f"i={ua.ObjectIds.ObjectsFolder}"))
        if STATE_OBJECT not in objects:
            raise NotDone("the server has no ViCellBluStateObject")
        self._parts = await children(objects[STATE_OBJECT])
        for name in (METHODS, PLAY):
            owner = self._parts[name]
            self._owners |= {method: (owner, node) for method, node in (await children(owner)).items()}
        self._types = await self._line.types()
        missing = {"SampleConfig", "SamplePosition", "CellType", "QualityControl"} - self._types.keys()
        if missing:
            raise NotDone(f"the server does not describe {', '.join(sorted(missing))}")

    async def text(self, name: str) -> str:
        """A variable of the instrument; an enumeration by the name of its value."""
        value = await self._parts[name].read_value()
        words = self._types.get(f"{name}Enum")
        return str(words(value).name if words is not None else value)

    async def lock(self) -> None:
        await self._do("RequestLock")

    async def release(self) -> None:
        await self._do("ReleaseLock")

    async def stop(self) -> None:
        await self._do("Stop")

    async def start(self, name: str, tag: str, dilution: int) -> None:
        """Count the sample that stands at its place."""
        make = self._types
        config = make["SampleConfig"]()
        config.SampleName, config.Tag, config.Dilution = name, tag, ua.UInt32(dilution)
        config.SamplePosition = make["SamplePosition"](Row=self._place.row, Column=ua.Byte(self._place.column))
        config.CellType = make["CellType"]()
        config.CellType.CellTypeName = self._place.cell_type
        config.QualityControl = make["QualityControl"]()
        config.SaveEveryNthImage = ua.UInt32(1)
        await self._do("StartSample", ua.Variant(config, ua.VariantType.ExtensionObject))

    async def counts(self, since: datetime, until: datetime) -> list[Count]:
        """What was counted in this time and is complete, oldest first."""
        told = await self._do(
            "GetSampleResults",
            ua.Variant("", ua.VariantType.String),
            ua.Variant(since, ua.VariantType.DateTime),
            ua.Variant(until, ua.VariantType.DateTime),
            ua.Variant(FILTER_ON_SAMPLE, ua.VariantType.Int32),
            ua.Variant(self._place.cell_type, ua.VariantType.String),
            ua.Variant("", ua.VariantType.String),
            ua.Variant("", ua.VariantType.String),
        )
        found = [_count(each) for each in told.SampleResults or [] if each.Status.name == "Completed"]
        return sorted(found, key=lambda count: count.at)

    async def _do(self, name: str, *arguments: ua.Variant) -> Any:
        """NotDone when the call, or the instrument behind it, refuses."""
        owner, method = self._owners[name]
        try:
            told = await owner.call_method(method.nodeid, *arguments)
        except ua.UaStatusCodeError as error:
            raise NotDone(f"{name}: {error}") from error
        if told.MethodResult.name != "Success":
            raise NotDone(f"{name}: {told.ResponseDescription}")
        return told


def _count(told: Any) -> Count:
    return Count(
        tag=told.Tag or "",
        dilution=float(told.Dilution),
        at=told.AnalysisDateTime,
        viable_density=told.ViableCellsPerMilliliter,
        total_density=told.TotalCellsPerMilliliter,
        viability=told.ViabilityPercent,
        counted=told.CellCount,
    )
