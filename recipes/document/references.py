"""Where a value comes from: `S010.tnc`, `parameter.moi`, `lot.VEC-CD20.titre_tu_per_ml`, `order.weight_kg`."""

import re
from dataclasses import dataclass
from typing import Literal

_STEP = re.compile(r"(?P<step>S[0-9]{3,4})\.(?P<name>[a-z][a-z0-9_]*)")
_PARAMETER = re.compile(r"parameter\.(?P<name>[a-z][a-z0-9_]*)")
_LOT = re.compile(r"lot\.(?P<material>[A-Z0-9-]+)\.(?P<name>[a-z][a-z0-9_]*)")
_ORDER = re.compile(r"order\.(?P<name>[a-z][a-z0-9_]*)")

ORDER_UNITS = {"weight_kg": "kg"}
LOT_UNITS = {"titre_tu_per_ml": "TU/mL", "activity_iu_per_ml": "IU/mL", "beads_per_ml": "bead/mL"}


@dataclass(frozen=True)
class Reference:
    """`owner` is a step id or material code; empty for parameters and the order."""

    kind: Literal["step", "parameter", "lot", "order"]
    name: str
    owner: str = ""


def parse_reference(text: str) -> Reference | None:
    """The reference a text means, or None when it is not one."""
    text = text.strip()
    if found := _STEP.fullmatch(text):
        return Reference("step", found["name"], found["step"])
    if found := _PARAMETER.fullmatch(text):
        return Reference("parameter", found["name"])
    if found := _LOT.fullmatch(text):
        return Reference("lot", found["name"], found["material"])
    if found := _ORDER.fullmatch(text):
        return Reference("order", found["name"])
    return None
