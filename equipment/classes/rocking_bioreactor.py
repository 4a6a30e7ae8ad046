"""Rocking-motion bioreactor: a bag on a tilting tray, gassed through its head space, perfused."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

ROCKING_BIOREACTOR = EquipmentClass(
    code="rocking_bioreactor",
    name="Rocking bioreactor",
    closed=True,
    safe="culture",
    cleaned_after_use=True,
    tags=(
        Tag("temperature", "Temperature", "°C", 0, 60, accuracy=0.04, decimals=1, module="tray heater"),
        Tag("ph", "pH", "pH", 4, 10, accuracy=0.01, decimals=2, module="gas mixer"),
        Tag("do", "Dissolved oxygen", "%", 0, 200, accuracy=0.8, decimals=0, module="gas mixer"),
        Tag("co2", "CO₂ in gas", "%", 0, 20, accuracy=0.05, decimals=1, module="gas mixer"),
        Tag("o2", "O₂ in gas", "%", 0, 60, accuracy=0.2, decimals=1, module="gas mixer"),
        Tag("agitation", "Rocking rate", "rpm", 0, 42, accuracy=0.1, decimals=1, module="rocker"),
        Tag("viable_density", "Viable cell density", "10⁶/mL", 0, 100, accuracy=0.03, decimals=2, module="bag"),
        Tag("viability", "Viability", "%", 0, 100, accuracy=0.5, decimals=1, module="bag"),
        Tag("glucose", "Glucose", "mmol/L", 0, 50, accuracy=0.15, decimals=1, module="bag"),
        Tag("lactate", "Lactate", "mmol/L", 0, 80, accuracy=0.15, decimals=1, module="bag"),
    ),
    commands=(
        CommandPage(
            "inoculate",
            "Take in the cells",
            (
                Setpoint("viable_cells", "cells", 1e6, 1e11, default=5e8, safe=5e8, tolerance=1),
                Setpoint("volume", "mL", 100, 25_000, default=1000, safe=1000),
            ),
        ),
        CommandPage(
            "culture",
            "Rock, gas and perfuse",
            (
                Setpoint("temperature", "°C", 4, 42, default=37, safe=37, tolerance=0.05),
                Setpoint("ph", "pH", 6.5, 7.8, default=7.2, safe=7.2, tolerance=0.01),
                Setpoint("do", "%", 5, 100, default=50, safe=50, tolerance=0.5),
                Setpoint("agitation", "rpm", 2, 40, default=10, safe=6, tolerance=0.5),
                Setpoint("angle", "°", 2, 12, default=6, safe=4, tolerance=0.1),
                Setpoint("medium_exchange", "%/day", 0, 200, default=80, safe=80, tolerance=0.5),
            ),
        ),
        CommandPage("idle", "Stand still, nothing inside"),
    ),
)
