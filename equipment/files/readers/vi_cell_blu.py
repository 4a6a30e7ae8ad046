"""Vi-CELL BLU (Beckman Coulter): a CSV with one line for each sample, densities in millions."""

from equipment.files.base import Dropped, Reader, Run, Value, cell, delimiter_of, millions, number, table

_HEADER = ("Sample ID", "Viable (x10^6) cells/mL", "Viability (%)")
_DENSITIES = {"Viable (x10^6) cells/mL": "viable_density", "Total (x10^6) cells/mL": "total_density"}


def _recognises(dropped: Dropped) -> bool:
    return bool(delimiter_of(dropped, *_HEADER))


def _read(dropped: Dropped) -> list[Run]:
    return [_run(row) for row in table(dropped, *_HEADER)]


def _run(row: dict[str, str]) -> Run:
    values = [Value("viability", number(cell(row, "Viability (%)"), what="Viability"), "%")]
    for column, name in _DENSITIES.items():
        values.append(Value(name, millions(number(cell(row, column), what=column)), "cells/mL"))
    measured_at, operator = row.get("Analysis date/time", ""), row.get("Analysis by", "")
    again = row.get("Reanalysis date/time", "")
    return Run(row["Sample ID"], values, measured_at, operator, f"Analysed again {again}" if again else "")


VI_CELL_BLU = Reader("vi_cell_blu", "Vi-CELL BLU", _recognises, _read)
