"""Image-based cell counter: density and viability of a stained sample."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

CELL_COUNTER = EquipmentClass(
    code="cell_counter",
    name="Cell counter",
    safe="idle",
    on_demand=True,
    tags=(
        Tag("viable_density", "Viable cell density", "10⁶/mL", 0, 50, decimals=2, module="imaging"),
        Tag("total_density", "Total cell density", "10⁶/mL", 0, 50, decimals=2, module="imaging"),
        Tag("viability", "Viability", "%", 0, 100, decimals=1, module="imaging"),
        Tag("counted", "Cells counted", "cells", 0, 1e6, decimals=0, module="imaging"),
    ),
    commands=(
        CommandPage(
            "count",
            "Count the loaded sample",
            (Setpoint("dilution", "1", 1, 1000, default=10, safe=10),),
            minutes=3,
        ),
        CommandPage("idle", "Ready for the next sample"),
    ),
)
