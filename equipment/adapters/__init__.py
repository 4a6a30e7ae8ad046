"""The protocols Baton speaks with equipment, by the name a unit carries. A new one is a copied file and a line here."""

from collections.abc import Callable

from equipment.adapters.base import Adapter, Connection
from equipment.adapters.modbus import open_modbus
from equipment.adapters.simulator import open_simulator

ADAPTERS: dict[str, Callable[[Connection], Adapter]] = {
    "modbus": open_modbus,
    "simulator": open_simulator,
}
