"""The simulated plant: devices with physics behind the same verbs as real ones. The embedded default."""

from equipment.adapters.simulator.adapter import SimulatorAdapter, open_simulator
from equipment.adapters.simulator.plant import SIMULATED, simulated_device

__all__ = ["SIMULATED", "SimulatorAdapter", "open_simulator", "simulated_device"]
