"""NC-View, the software of the NucleoCounter NC-203 (ChemoMetec): a table of runs, or the report of one run.

The table has thousands set apart by spaces (`274 000`); the report has lines `name:<tab>value`.
"""

from equipment.files.base import Dropped, Reader, Run, Value, cell, delimiter_of, number, pairs, table

_HEADER = ("SAMPLE ID", "STATUS", "LIVE (cells/ml)")
_DENSITIES = {
    "LIVE (CELLS/ML)": "viable_density",
    "DEAD (CELLS/ML)": "dead_density",
    "TOTAL (CELLS/ML)": "total_density",
}


def _is_report(dropped: Dropped) -> bool:
    return "Live (cells/ml):\t" in dropped.text and "Status:\t" in dropped.text


def _recognises(dropped: Dropped) -> bool:
    return _is_report(dropped) or bool(delimiter_of(dropped, *_HEADER))


def _read(dropped: Dropped) -> list[Run]:
    if _is_report(dropped):
        return [_run({name.upper(): value for name, value in pairs(dropped, ":\t").items()})]
    return [_run({name.upper(): value for name, value in row.items()}) for row in table(dropped, *_HEADER)]


def _run(row: dict[str, str]) -> Run:
    status = cell(row, "STATUS")
    values = [Value("viability", number(cell(row, "VIABILITY (%)"), what="Viability"), "%")]
    values += [Value(name, number(cell(row, column), what=name), "cells/mL") for column, name in _DENSITIES.items()]
    return Run(
        sample_id=row.get("SAMPLE ID", ""),
        values=values,
        measured_at=row.get("TIME (UTC)", "") or row.get("NAME", ""),
        operator=row.get("OPERATOR", ""),
        warning="" if status == "OK" else status,
    )


NC_VIEW = Reader("nc_view", "NC-View", _recognises, _read)
