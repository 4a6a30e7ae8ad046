"""Vi-CELL XR (Beckman Coulter): one text file for each sample, lines `name : value`, densities in millions."""

from equipment.files.base import Dropped, Reader, Run, Unreadable, Value, cell, millions, number, pairs

_DENSITIES = {
    "Total viable cells / ml (x 10^6)": "viable_density",
    "Total cells / ml (x 10^6)": "total_density",
}
_LAST = "ImageBaseName"


def _recognises(dropped: Dropped) -> bool:
    return dropped.text.startswith("Vi-CELL XR")


def _read(dropped: Dropped) -> list[Run]:
    lines = pairs(dropped, " :")
    if _LAST not in lines:
        raise Unreadable(f"The file ends before “{_LAST}”: it is not whole.")
    values = [Value("viability", number(cell(lines, "Viability (%)"), what="Viability"), "%")]
    for line, name in _DENSITIES.items():
        values.append(Value(name, millions(number(cell(lines, line), what=line)), "cells/mL"))
    return [Run(lines.get("Sample ID", ""), values, lines.get("RunDate", ""), lines.get("User", ""))]


VI_CELL_XR = Reader("vi_cell_xr", "Vi-CELL XR", _recognises, _read)
