"""Closed automated cell processor: selection, activation, transduction, culture, wash and formulation in one set."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

_TEMPERATURE = Setpoint("temperature", "°C", 4, 40, default=37, safe=37, tolerance=0.05)
_CULTURE = (
    _TEMPERATURE,
    Setpoint("co2", "%", 0, 20, default=5, safe=5, tolerance=0.05),
    Setpoint("agitation", "rpm", 0, 300, default=0, safe=0, tolerance=0.5),
    Setpoint("medium_exchange", "%/day", 0, 200, default=60, safe=60, tolerance=0.5),
)

CELL_PROCESSOR = EquipmentClass(
    code="cell_processor",
    name="Automated cell processor",
    closed=True,
    safe="culture",
    cleaned_after_use=True,
    tags=(
        Tag("temperature", "Chamber temperature", "°C", 0, 60, accuracy=0.04, decimals=1, module="culture chamber"),
        Tag("co2", "CO₂ in gas", "%", 0, 25, accuracy=0.05, decimals=1, module="gas mixer"),
        Tag("agitation", "Agitation", "rpm", 0, 3000, accuracy=0.5, decimals=0, module="culture chamber"),
        Tag("ph", "pH", "pH", 4, 10, accuracy=0.02, decimals=2, module="culture chamber"),
        Tag("viable_density", "Viable cell density", "10⁶/mL", 0, 100, accuracy=0.03, decimals=2, module="camera"),
        Tag("viability", "Viability", "%", 0, 100, accuracy=0.5, decimals=1, module="camera"),
        Tag("glucose", "Glucose", "mmol/L", 0, 50, accuracy=0.15, decimals=1, module="culture chamber"),
        Tag("lactate", "Lactate", "mmol/L", 0, 80, accuracy=0.15, decimals=1, module="culture chamber"),
        Tag("programme", "Programme done", "%", 0, 100, decimals=0, module="sequencer"),
    ),
    commands=(
        CommandPage("prime", "Install and prime the tubing set", minutes=60),
        CommandPage(
            "select",
            "Magnetic selection",
            (Setpoint("temperature", "°C", 4, 25, default=20, safe=20, tolerance=0.05),),
            minutes=240,
        ),
        CommandPage(
            "inoculate",
            "Take in the cells",
            (
                Setpoint("viable_cells", "cells", 1e6, 1e10, default=1e8, safe=1e8, tolerance=1),
                Setpoint("volume", "mL", 10, 400, default=200, safe=200),
            ),
        ),
        CommandPage("activate", "Add the activation reagent", _CULTURE, minutes=30),
        CommandPage("transduce", "Add the vector", _CULTURE, minutes=60),
        CommandPage("feed", "Add medium", _CULTURE, minutes=20),
        CommandPage("culture", "Hold culture conditions", _CULTURE),
        CommandPage(
            "harvest",
            "Harvest, wash and formulate",
            (
                Setpoint("temperature", "°C", 4, 25, default=20, safe=20, tolerance=0.05),
                Setpoint("volume", "mL", 10, 400, default=100, safe=100),
            ),
            minutes=90,
        ),
        CommandPage("idle", "Stand still, no set mounted"),
    ),
)
