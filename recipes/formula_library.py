"""Formulas every site uses, by name. A recipe writes `formula: moi_volume` and says where the inputs come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LibraryFormula:
    """`inputs` names each input with the unit that shows what it measures; any unit that converts is taken."""

    expression: str
    inputs: dict[str, str]
    unit: str
    says: str


LIBRARY = {
    "viable_cells": LibraryFormula(
        "concentration * volume * viability",
        {"concentration": "cell/mL", "volume": "mL", "viability": "%"},
        "cell",
        "Total nucleated cell concentration × volume × viable share.",
    ),
    "share_of_cells": LibraryFormula(
        "cells * share",
        {"cells": "cell", "share": "%"},
        "cell",
        "Cells that carry a marker: cells × marker-positive share.",
    ),
    "moi_volume": LibraryFormula(
        "viable_cells * moi / titre",
        {"viable_cells": "cell", "moi": "TU/cell", "titre": "TU/mL"},
        "mL",
        "Vector volume: viable cells × multiplicity of infection ÷ functional titre.",
    ),
    "fold_expansion": LibraryFormula(
        "cells_after / cells_before",
        {"cells_after": "cell", "cells_before": "cell"},
        "",
        "Viable cells after culture ÷ viable cells seeded.",
    ),
    "recovery": LibraryFormula(
        "cells_out / cells_in",
        {"cells_out": "cell", "cells_in": "cell"},
        "%",
        "Share of the wanted cells that a step gives back.",
    ),
    "yield_percent": LibraryFormula(
        "actual / theoretical",
        {"actual": "cell", "theoretical": "cell"},
        "%",
        "Percent of theoretical yield (21 CFR 211.103).",
    ),
    "dose": LibraryFormula(
        "weight * dose_per_kg",
        {"weight": "kg", "dose_per_kg": "cell/kg"},
        "cell",
        "Target dose for the patient: body weight × dose level.",
    ),
    "dose_volume": LibraryFormula(
        "dose / (concentration * viability * car_share)",
        {"dose": "cell", "concentration": "cell/mL", "viability": "%", "car_share": "%"},
        "mL",
        "Volume that holds the dose: dose ÷ (concentration × viable share × CAR-positive share).",
    ),
    "deviation_from_target": LibraryFormula(
        "actual / target - 1",
        {"actual": "cell", "target": "cell"},
        "%",
        "How far a dose is from its target; 0 % is on target.",
    ),
}


def expression_of(formula: str) -> str:
    """The arithmetic behind a recipe's `formula`: a library formula's, or the text itself."""
    known = LIBRARY.get(formula.strip())
    return known.expression if known else formula
