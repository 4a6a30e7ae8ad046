"""Radio-frequency tube sealer: separates bags without opening them."""

from equipment.classes.page import CommandPage, EquipmentClass, Tag

TUBE_SEALER = EquipmentClass(
    code="tube_sealer",
    name="Tube sealer",
    closed=True,
    calibrated=False,
    safe="idle",
    tags=(Tag("seals", "Seals made", "seals", 0, 1e9, decimals=0, module="jaw"),),
    commands=(CommandPage("seal", "Make one seal"), CommandPage("idle", "Ready")),
)
