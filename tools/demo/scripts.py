"""What the people of a story read on scales, counters and cytometers, and where something goes wrong.

One value is outside its limits, one bag is another patient's, one step is held. Whatever a script does not say is
filled in within its limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Reported = Mapping[str, tuple[str, str]]
RECALL = "The clinic's hotline is called within 24 hours; the physician decides on antibiotics and monitoring."


@dataclass(frozen=True)
class Script:
    """One story: a product, what is read at which step, and what the laboratory reports at which stage."""

    product: str
    filled_ml: str
    readings: Mapping[str, Mapping[str, str]]
    results: Mapping[str, Reported]
    wrong_bag_at: str
    held_at: str
    why_held: str
    investigation: Mapping[str, str]
    why_decided: str
    # These results arrive after the release, where the specification lets them.
    late: tuple[str, ...] = ()
    # A product that was frozen is used within so many minutes of its thaw.
    use_within_minutes: int | None = None
    attributes: Mapping[str, Mapping[str, dict[str, str]]] = field(
        default_factory=lambda: {"VEC-CD20": {"titre_tu_per_ml": {"value": "100000000", "unit": "TU/mL"}}}
    )

    def value_for(self, step: str, entry: dict[str, Any]) -> str:
        """The script's value, or one that fits: the first accepted choice, the target, the middle of the limits."""
        told = self.readings.get(step, {}).get(entry["name"])
        if told is not None:
            return told
        if entry["type"] in ("choice", "yes_no"):
            return str((entry["accepted"] or entry["choices"])[0])
        if entry["type"] == "text":
            return "as described"
        if entry["target"] is not None:
            return str(entry["target"])
        low, high = (float(entry[side]) for side in ("low", "high"))
        return f"{(low + high) / 2:.{entry['precision'] or 0}f}"


CART_A = Script(
    product="CART-A",
    filled_ml="109.06",
    readings={
        "S020": {"volume": "180.5"},
        "S050": {"concentration": "25000000", "viability": "95.5", "cd3": "55.2"},
        # Purity is to be 80 % or more.
        "S160": {"concentration": "1200000", "volume": "100.0", "viability": "95.0", "purity": "78.6"},
        "S200": {"concentration": "1000000", "volume": "100.0", "viability": "92.0"},
        "S270": {"concentration": "4000000", "viability": "93.0", "car": "24.5"},
        "S320": {"concentration": "30000000", "volume": "100.0", "viability": "94.0", "car": "28.0"},
        "S400": {"concentration": "2490000", "volume": "109.06"},
    },
    results={
        "incoming": {"tnc": ("4400000000", "cells"), "cd3_percent": ("55.2", "%"), "viability": ("95.5", "%")},
        "ipc_day_5": {
            "car_percent": ("24.5", "%"),
            "viability": ("93.0", "%"),
            "cd3_percent": ("94.0", "%"),
            "dose": ("90000000", "cells"),
            "endotoxin": ("0.2", "EU/mL"),
        },
        "ipc_day_10": {"sterility": ("negative to date", ""), "mycoplasma": ("negative to date", "")},
        "release": {
            "viability": ("94.0", "%"),
            "cd3_percent": ("96.1", "%"),
            "car_percent": ("28.0", "%"),
            "endotoxin": ("0.5", "EU/mL"),
            "dose_deviation": ("0.0", "%"),
            "appearance": ("slightly turbid", ""),
            "vcn": ("2.1", "copies/cell"),
            "sterility": ("negative", ""),
            "mycoplasma": ("negative", ""),
        },
    },
    late=("vcn", "sterility", "mycoplasma"),
    wrong_bag_at="S010",
    held_at="S270",
    why_held="The cytometer shows bubbles; flush it",
    investigation={
        "investigation": "The column was loaded near its upper limit. A second analyst checked the gating.",
        "impact": "None on safety. CAR expression and dose are tested at release.",
        "other_batches": "None: the bead lots were opened for this batch.",
        "conclusion": "Go on. Purity of the product is judged at release.",
    },
    why_decided="Viability is above the alert limit.",
)

CART_B = Script(
    product="CART-B",
    filled_ml="20.0",
    readings={
        # Frozen within 24 hours, it should have been.
        "S020": {"warmest": "-151.0", "hours_to_freeze": "25.5", "age_months": "2.0", "bags": "1"},
        "S040": {"tnc": "4200000000", "cd3_cells": "1600000000", "cd3": "38.1", "monocytes": "22.0", "b_cells": "8.0"},
        "S100": {"concentration": "10000000", "volume": "50.0", "viability": "88.0", "cd3": "60.0"},
        "S150": {"concentration": "2200000", "volume": "100.0", "viability": "92.0", "cd3": "95.0"},
        "S300": {"concentration": "5000000", "volume": "500.0", "viability": "93.0", "beads": "12"},
        "S360": {"volume": "20.0"},
        "S410": {"storage": "-162"},
    },
    results={
        "release": {
            "viability": ("88.0", "%"),
            "dose": ("120000000", "cells"),
            "appearance": ("colourless", ""),
            "car_identity": ("positive", ""),
            "total_viable_count": ("460000000", "cells"),
            "residual_beads": ("12", "beads"),
            "endotoxin": ("0.5", "EU/mL"),
            "car_percent": ("26.1", "%"),
            "cd3_percent": ("97.2", "%"),
            "vcn": ("1.4", "copies/cell"),
            "rcl": ("not detected", ""),
            "sterility": ("no growth", ""),
            "mycoplasma": ("negative", ""),
        },
    },
    wrong_bag_at="S260",
    held_at="S270",
    why_held="The medium bag leaks at the weld; change it",
    investigation={
        "investigation": "The courier waited at the airport. The logger shows 2 to 8 °C until freezing.",
        "impact": "Viability after thaw is judged at step S100 before anything else is added.",
        "other_batches": "None: no other collection was in this shipper.",
        "conclusion": "Go on. The clinic freezes at its own site from now on.",
    },
    why_decided="Monocytes and B cells are below their alert limits.",
    use_within_minutes=30,
    attributes={
        "VEC-CD20": {"titre_tu_per_ml": {"value": "100000000", "unit": "TU/mL"}},
        "BEADS-CD3CD28": {"beads_per_ml": {"value": "40000000", "unit": "bead/mL"}},
    },
)
