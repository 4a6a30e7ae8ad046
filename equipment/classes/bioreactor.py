"""Stirred-tank bioreactor: one closed vessel, controlled temperature, pH, dissolved oxygen and stirring."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

BIOREACTOR = EquipmentClass(
    code="bioreactor",
    name="Bioreactor",
    closed=True,
    safe="culture",
    cleaned_after_use=True,
    tags=(
        Tag("temperature", "Temperature", "°C", 0, 60, accuracy=0.03, decimals=1, module="thermal jacket"),
        Tag("ph", "pH", "pH", 4, 10, accuracy=0.01, decimals=2, module="gas mixer"),
        Tag("do", "Dissolved oxygen", "%", 0, 200, accuracy=0.6, decimals=0, module="gas mixer"),
        Tag("co2", "CO₂ in gas", "%", 0, 100, accuracy=0.05, decimals=1, module="gas mixer"),
        Tag("o2", "O₂ in gas", "%", 0, 100, accuracy=0.2, decimals=1, module="gas mixer"),
        Tag("agitation", "Agitation", "rpm", 0, 500, accuracy=0.4, decimals=0, module="stirrer"),
        Tag("viable_density", "Viable cell density", "10⁶/mL", 0, 100, accuracy=0.03, decimals=2, module="vessel"),
        Tag("viability", "Viability", "%", 0, 100, accuracy=0.5, decimals=1, module="vessel"),
        Tag("glucose", "Glucose", "mmol/L", 0, 50, accuracy=0.15, decimals=1, module="vessel"),
        Tag("lactate", "Lactate", "mmol/L", 0, 80, accuracy=0.15, decimals=1, module="vessel"),
    ),
    commands=(
        CommandPage(
            "inoculate",
            "Take in the cells",
            (
                Setpoint("viable_cells", "cells", 1e6, 1e11, default=5e7, safe=5e7, tolerance=1),
                Setpoint("volume", "mL", 10, 10_000, default=100, safe=100),
            ),
        ),
        CommandPage(
            "culture",
            "Hold culture conditions",
            (
                Setpoint("temperature", "°C", 4, 42, default=37, safe=37, tolerance=0.05),
                Setpoint("ph", "pH", 6.5, 7.8, default=7.2, safe=7.2, tolerance=0.01),
                Setpoint("do", "%", 5, 100, default=50, safe=50, tolerance=0.5),
                Setpoint("agitation", "rpm", 0, 300, default=60, safe=30, tolerance=0.5),
                Setpoint("medium_exchange", "%/day", 0, 200, default=60, safe=60, tolerance=0.5),
            ),
        ),
        CommandPage("idle", "Stand still, nothing inside"),
    ),
)
