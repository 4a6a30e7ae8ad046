"""BioProfile FLEX2 (Nova Biomedical): a CSV of sample results, its columns named as at the analyser.

Units are set at the analyser and stand in the file only where the header has them, as in `Gluc (g/L)`. Where it has
none, the value has none either, and whoever matches it says which it is.
"""

import re

from equipment.files.base import Dropped, Reader, Run, Value, delimiter_of, number, table

_HEADER = ("Date & Time", "Sample ID", "Sample Type")
_ANALYTES = ("Gln", "Glu", "Gluc", "Lac", "NH4+", "Na+", "K+", "Ca++", "pH", "PO2", "PCO2", "Osm")
_PURE_NUMBERS = {"pH"}
_COLUMN = re.compile(r"(?P<name>[^ (\[]+) *(?:[(\[](?P<unit>[^)\]]+)[)\]])?")


def _recognises(dropped: Dropped) -> bool:
    return bool(delimiter_of(dropped, *_HEADER))


def _read(dropped: Dropped) -> list[Run]:
    return [_run(row) for row in table(dropped, *_HEADER)]


def _run(row: dict[str, str]) -> Run:
    values = [value for column, text in row.items() if text for value in _value(column, text)]
    return Run(row["Sample ID"], values, row["Date & Time"], row.get("Operator", ""))


def _value(column: str, text: str) -> list[Value]:
    """The value of an analyte's column; none for the columns that describe vessel, tray and method."""
    match = _COLUMN.fullmatch(column)
    if match is None or match["name"] not in _ANALYTES:
        return []
    name = match["name"]
    return [Value(name, number(text, what=name), "" if name in _PURE_NUMBERS else match["unit"])]


NOVA_FLEX2 = Reader("nova_flex2", "BioProfile FLEX2", _recognises, _read)
