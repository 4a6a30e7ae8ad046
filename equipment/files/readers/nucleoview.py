"""NucleoView, the software of the NucleoCounter NC-200 and NC-202 (ChemoMetec): one CSV for each image.

Lines `name;value`, in UTF-16 or UTF-8, decimals with a point or a comma as the PC is set, and a
check mark as the last line.
"""

import re

from equipment.files.base import Dropped, Reader, Run, Unreadable, Value, cell, number, pairs

_DENSITIES = {
    "Live (cells/ml)": "viable_density",
    "Dead (cells/ml)": "dead_density",
    "Total (cells/ml)": "total_density",
}
_CLOSING = re.compile(r"//\[[0-9A-Fa-f]{8}\]")
# The image is named date-number-letter-sample where the operator scanned no sample of its own.
_IMAGE = re.compile(r"\d{8}-\d{4}-\w-(?P<sample>.+)")


def _recognises(dropped: Dropped) -> bool:
    return "Image;" in dropped.text and "Live (cells/ml);" in dropped.text


def _read(dropped: Dropped) -> list[Run]:
    if not _CLOSING.fullmatch(dropped.text.strip().splitlines()[-1].strip()):
        raise Unreadable("The file ends before its closing check mark: it is not whole.")
    lines = pairs(dropped, ";")
    values = [Value("viability", number(cell(lines, "Viability (%)"), what="Viability"), "%")]
    values += [Value(name, number(cell(lines, line), what=line), "cells/mL") for line, name in _DENSITIES.items()]
    return [Run(_sample(lines), values, lines.get("Date time", ""), lines.get("Operator", ""))]


def _sample(lines: dict[str, str]) -> str:
    if lines.get("Sample ID"):
        return lines["Sample ID"]
    image = cell(lines, "Image")
    named = _IMAGE.fullmatch(image)
    return named["sample"] if named else image


NUCLEOVIEW = Reader("nucleoview", "NucleoView", _recognises, _read)
