"""Liquid-nitrogen vapour store: many patients' closed bags, each in its own place."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

LN2_FREEZER = EquipmentClass(
    code="ln2_freezer",
    name="LN₂ vapour store",
    closed=True,
    shared=True,
    safe="store",
    tags=(
        Tag("temperature", "Temperature at the lid", "°C", -200, 50, accuracy=0.4, decimals=0, module="vapour space"),
        Tag("level", "Nitrogen level", "%", 0, 100, accuracy=0.3, decimals=0, module="fill valve"),
    ),
    commands=(
        CommandPage(
            "store",
            "Keep the level between its fill marks",
            (
                Setpoint("fill_below", "%", 10, 90, default=40, safe=50, tolerance=0.5),
                Setpoint("fill_to", "%", 20, 100, default=80, safe=90, tolerance=0.5),
            ),
        ),
    ),
)
