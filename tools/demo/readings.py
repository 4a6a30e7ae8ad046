"""What the people of the story read on scales, counters and cytometers. One value is out of its limit."""

from __future__ import annotations

from typing import Any

# Step → entry → value. Whatever is not here is filled in within its limits.
READ: dict[str, dict[str, str]] = {
    "S020": {"volume": "180.5"},
    "S050": {"concentration": "25000000", "viability": "95.5", "cd3": "55.2"},
    # 80 % is the limit of purity: this one becomes an exception and a deviation.
    "S160": {"concentration": "1200000", "volume": "100.0", "viability": "95.0", "purity": "78.6"},
    "S200": {"concentration": "1000000", "volume": "100.0", "viability": "92.0"},
    "S270": {"concentration": "4000000", "viability": "93.0", "car": "24.5"},
    "S320": {"concentration": "30000000", "volume": "100.0", "viability": "94.0", "car": "28.0"},
    "S400": {"concentration": "2490000", "volume": "109.06"},
}
FILLED_ML = "109.06"

# Test → result at release, as the laboratory reports it.
RELEASE: dict[str, tuple[Any, str]] = {
    "viability": ("94.0", "%"),
    "cd3_percent": ("96.1", "%"),
    "car_percent": ("28.0", "%"),
    "endotoxin": ("0.5", "EU/mL"),
    "dose_deviation": ("0.0", "%"),
    "appearance": ("slightly turbid", ""),
    "vcn": ("2.1", "copies/cell"),
    "sterility": ("negative", ""),
    "mycoplasma": ("negative", ""),
}
LATE = ("vcn", "sterility", "mycoplasma")


def value_for(step: str, entry: dict[str, Any]) -> str:
    """The story's value, or one that fits: the first accepted choice, the target, the middle of the limits."""
    told = READ.get(step, {}).get(entry["name"])
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
