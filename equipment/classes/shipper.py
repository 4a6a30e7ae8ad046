"""Dry-vapour shipper: its logger is read, nothing in it is commanded."""

from equipment.classes.page import EquipmentClass, Tag

SHIPPER = EquipmentClass(
    code="shipper",
    name="Dry-vapour shipper",
    closed=True,
    tags=(
        Tag("temperature", "Payload temperature", "°C", -200, 60, accuracy=0.4, decimals=0, module="logger"),
        Tag("tilt", "Tilt", "°", 0, 180, accuracy=0.5, decimals=0, module="logger"),
    ),
)
