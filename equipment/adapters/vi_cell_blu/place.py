"""Where a Vi-CELL BLU is, how it is spoken with, and what it counts."""

from __future__ import annotations

from pydantic import Field

from equipment.adapters.opcua.tag_map import Endpoint
from equipment.classes import EquipmentClass


class Place(Endpoint):
    """`cell_type` is one the instrument knows by this name. The sample stands in the A-Cup (row Y, column 1)."""

    timeout: float = Field(5.0, gt=0, le=5)
    cell_type: str = Field(min_length=1)
    row: str = Field("Y", pattern=r"^[A-Z]$")
    column: int = Field(1, ge=1, le=24)

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for another class than a cell counter."""
        if page.code != "cell_counter":
            raise ValueError(f"A Vi-CELL BLU is a cell counter, and not: {page.name}.")
