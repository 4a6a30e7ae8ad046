"""Controlled-rate freezer: the chamber follows a programme in °C/min, the product follows the chamber."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

CONTROLLED_RATE_FREEZER = EquipmentClass(
    code="controlled_rate_freezer",
    name="Controlled-rate freezer",
    closed=True,
    safe="hold",
    tags=(
        Tag("chamber_temperature", "Chamber temperature", "°C", -200, 50, accuracy=0.1, decimals=1, module="chamber"),
        Tag("product_temperature", "Product temperature", "°C", -200, 50, accuracy=0.1, decimals=1, module="probe"),
        Tag("programme", "Programme done", "%", 0, 100, decimals=0, module="sequencer"),
    ),
    commands=(
        CommandPage(
            "hold",
            "Hold the chamber at one temperature",
            (Setpoint("temperature", "°C", -180, 20, default=4, safe=4, tolerance=0.1),),
        ),
        CommandPage(
            "freeze",
            "Cool at a slow rate, then at a fast one, to the end temperature",
            (
                Setpoint("start_temperature", "°C", -10, 20, default=4, safe=4, tolerance=0.1),
                Setpoint("rate", "°C/min", 0.1, 10, default=1, safe=1, tolerance=0.01),
                Setpoint("fast_below", "°C", -180, 0, default=-40, safe=-40, tolerance=0.1),
                Setpoint("fast_rate", "°C/min", 0.1, 50, default=10, safe=10, tolerance=0.01),
                Setpoint("end_temperature", "°C", -180, -20, default=-100, safe=-100, tolerance=0.1),
            ),
        ),
        CommandPage("idle", "Warm up to the room"),
    ),
)
