"""CO₂ incubator: one lot at a time, temperature, carbon dioxide and humidity held."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

INCUBATOR = EquipmentClass(
    code="incubator",
    name="CO₂ incubator",
    closed=True,
    safe="incubate",
    cleaned_after_use=True,
    tags=(
        Tag("temperature", "Temperature", "°C", 0, 60, accuracy=0.05, decimals=1, module="chamber"),
        Tag("co2", "CO₂", "%", 0, 20, accuracy=0.04, decimals=1, module="chamber"),
        Tag("humidity", "Relative humidity", "%", 0, 100, accuracy=0.6, decimals=0, module="water tray"),
    ),
    commands=(
        CommandPage(
            "incubate",
            "Hold temperature, CO₂ and humidity",
            (
                Setpoint("temperature", "°C", 20, 45, default=37, safe=37, tolerance=0.05),
                Setpoint("co2", "%", 0, 20, default=5, safe=5, tolerance=0.05),
                Setpoint("humidity", "%", 0, 95, default=85, safe=85, tolerance=0.5),
            ),
        ),
        CommandPage("idle", "Stand at room conditions"),
    ),
)
