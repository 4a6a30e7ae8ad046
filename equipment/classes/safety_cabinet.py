"""Biological safety cabinet, grade A: open material of one patient, counted particles while it is open (R-112)."""

from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag

COUNTER = "particle counter"

SAFETY_CABINET = EquipmentClass(
    code="safety_cabinet",
    name="Safety cabinet",
    safe="run",
    cleaned_after_use=True,
    tags=(
        Tag("airflow", "Down-flow velocity", "m/s", 0, 2, accuracy=0.005, decimals=2, module="fan"),
        Tag("particles_0_5", "Particles ≥ 0.5 µm", "1/m³", 0, 1e8, decimals=0, module=COUNTER, continuous=True),
        Tag("particles_5_0", "Particles ≥ 5 µm", "1/m³", 0, 1e8, decimals=0, module=COUNTER, continuous=True),
    ),
    commands=(
        CommandPage(
            "run",
            "Run the fan and count particles",
            (Setpoint("airflow", "m/s", 0.2, 0.6, default=0.4, safe=0.4, tolerance=0.01),),
        ),
        CommandPage("idle", "Stand still"),
    ),
)
