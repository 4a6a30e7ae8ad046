"""Monitor of the air where nitrogen or carbon dioxide may take the place of oxygen.

It warns people and takes no commands. Below 19.5 % oxygen nobody stays without a breathing
apparatus (29 CFR 1910.134(b)).
"""

from equipment.classes.page import EquipmentClass, Tag

GAS_MONITOR = EquipmentClass(
    code="gas_monitor",
    name="Gas monitor",
    shared=True,
    tags=(
        Tag("oxygen", "Oxygen", "%", 0, 25, accuracy=0.05, decimals=1, module="oxygen cell"),
        Tag("co2", "Carbon dioxide", "%", 0, 5, accuracy=0.005, decimals=2, module="infrared cell"),
    ),
)
