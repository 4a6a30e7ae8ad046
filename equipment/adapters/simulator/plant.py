"""Which simulated device stands for which equipment class."""

import zlib
from datetime import datetime

from equipment.adapters.simulator.bench import CellCounter, GasMonitor, SafetyCabinet, TubeSealer
from equipment.adapters.simulator.device import SimulatedDevice
from equipment.adapters.simulator.thermal import ControlledRateFreezer, Incubator, Ln2Freezer, Shipper, ThawingDevice
from equipment.adapters.simulator.vessels import CellProcessor, CultureVessel
from equipment.classes import EQUIPMENT_CLASSES

SIMULATED: dict[str, type[SimulatedDevice]] = {
    "bioreactor": CultureVessel,
    "rocking_bioreactor": CultureVessel,
    "cell_processor": CellProcessor,
    "incubator": Incubator,
    "cell_counter": CellCounter,
    "controlled_rate_freezer": ControlledRateFreezer,
    "ln2_freezer": Ln2Freezer,
    "safety_cabinet": SafetyCabinet,
    "thawing_device": ThawingDevice,
    "tube_sealer": TubeSealer,
    "shipper": Shipper,
    "gas_monitor": GasMonitor,
}


def simulated_device(class_code: str, *, name: str, at: datetime) -> SimulatedDevice:
    """A device whose seed comes from its name, so that the same plant behaves the same on every machine."""
    return SIMULATED[class_code](EQUIPMENT_CLASSES[class_code], seed=zlib.crc32(name.encode()), at=at)
