"""The equipment classes Baton knows, one page each. A new class is a copied page and a line here."""

from equipment.classes.bioreactor import BIOREACTOR
from equipment.classes.cell_counter import CELL_COUNTER
from equipment.classes.cell_processor import CELL_PROCESSOR
from equipment.classes.controlled_rate_freezer import CONTROLLED_RATE_FREEZER
from equipment.classes.gas_monitor import GAS_MONITOR
from equipment.classes.incubator import INCUBATOR
from equipment.classes.ln2_freezer import LN2_FREEZER
from equipment.classes.page import CommandPage, EquipmentClass, Setpoint, Tag
from equipment.classes.rocking_bioreactor import ROCKING_BIOREACTOR
from equipment.classes.safety_cabinet import SAFETY_CABINET
from equipment.classes.shipper import SHIPPER
from equipment.classes.thawing_device import THAWING_DEVICE
from equipment.classes.tube_sealer import TUBE_SEALER
from mes.phrases import Phrase

EQUIPMENT_CLASSES: dict[str, EquipmentClass] = {
    each.code: each
    for each in (
        CELL_PROCESSOR,
        BIOREACTOR,
        ROCKING_BIOREACTOR,
        INCUBATOR,
        CELL_COUNTER,
        CONTROLLED_RATE_FREEZER,
        LN2_FREEZER,
        SAFETY_CABINET,
        THAWING_DEVICE,
        TUBE_SEALER,
        SHIPPER,
        GAS_MONITOR,
    )
}


def class_name(code: str) -> Phrase:
    """What a kind of unit is called inside a sentence: cell processor."""
    return Phrase(code.replace("_", " ").replace("ln2", "LN2"))


__all__ = ["EQUIPMENT_CLASSES", "CommandPage", "EquipmentClass", "Setpoint", "Tag", "class_name"]
