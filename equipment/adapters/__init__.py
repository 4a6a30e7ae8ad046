"""The protocols Baton speaks with equipment, by the name a unit carries. A new one is a copied file and a line here."""

import os
from collections.abc import Callable

# Whichever adapter needs protobuf first decides for the process how it is spoken. SiLA learns its messages from each
# server, and only the implementation in Python takes two of one name. Has to stand before the first of them.
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"

from equipment.adapters.base import Adapter, Connection
from equipment.adapters.file_drop import open_file_drop
from equipment.adapters.modbus import open_modbus
from equipment.adapters.opcua import open_opcua
from equipment.adapters.sila import open_sila
from equipment.adapters.simulator import open_simulator
from equipment.adapters.sparkplug import open_sparkplug
from equipment.adapters.vi_cell_blu import open_vi_cell_blu

ADAPTERS: dict[str, Callable[[Connection], Adapter]] = {
    "file_drop": open_file_drop,
    "modbus": open_modbus,
    "opcua": open_opcua,
    "sila": open_sila,
    "simulator": open_simulator,
    "sparkplug": open_sparkplug,
    "vi_cell_blu": open_vi_cell_blu,
}

# A folder is silent until somebody puts a file there: that is no lost data.
SPEAKS_WHEN_IT_MUST = "file_drop"
