"""Dry thawing device: a bag between two warm plates."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

THAWING_DEVICE = EquipmentClass(
    code="thawing_device",
    name="Thawing device",
    closed=True,
    safe="idle",
    tags=(
        Tag("plate_temperature", "Plate temperature", "°C", 0, 60, accuracy=0.1, decimals=1, module="plates"),
        Tag("product_temperature", "Product temperature", "°C", -200, 60, accuracy=0.3, decimals=1, module="probe"),
    ),
    commands=(
        CommandPage(
            "thaw",
            "Warm the frozen bag",
            (Setpoint("temperature", "°C", 20, 40, default=37, safe=20, tolerance=0.1),),
        ),
        CommandPage("idle", "Plates off"),
    ),
)
