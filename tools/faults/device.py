"""An incubator behind Modbus TCP, a process of its own that no blow hits: what it was told, and how often it was read.

Its temperature counts the readings, so that no two of them are the same. Every set-point it is given is a line of its
log: `device value`. Usage: python -m tools.faults.device PORT DEVICES LOG
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pymodbus.constants import ExcCodes
from pymodbus.server import StartAsyncTcpServer
from pymodbus.simulator import SimData, SimDevice
from pymodbus.simulator.simutils import DataType

TEMPERATURE, SETPOINT, MODE, LAST_COMMAND, REGISTERS = 0, 20, 30, 40, 60
COUNTS_PER_DEGREE, STEPS_PER_DEGREE = 10_000, 100


def tag_map(port: int, device: int) -> str:
    """What the gateway is told of it, as a site writes it."""
    return yaml.safe_dump(
        {
            "host": "127.0.0.1",
            "port": port,
            "device": device,
            "timeout": 0.5,
            "tags": {
                "temperature": {
                    "kind": "input",
                    "address": TEMPERATURE,
                    "type": "uint32",
                    "scale": 1 / COUNTS_PER_DEGREE,
                    "unit": "°C",
                }
            },
            "setpoints": {
                "temperature": {"address": SETPOINT, "type": "uint16", "scale": 1 / STEPS_PER_DEGREE, "unit": "°C"}
            },
            "mode": {"address": MODE, "values": {"idle": 0, "incubate": 3}},
            "last_command": LAST_COMMAND,
        }
    )


async def _touched(
    device: int, log: Path, _code: int, start: int, at: int, _count: int, registers: list[int], told: list[Any] | None
) -> ExcCodes | None:
    if told is None and at == TEMPERATURE:
        high, low = TEMPERATURE - start, TEMPERATURE - start + 1
        count = ((registers[high] << 16) + registers[low] + 1) % 2**32
        registers[high], registers[low] = divmod(count, 2**16)
    if told is not None and at == SETPOINT:
        with log.open("a") as file:
            file.write(f"{device} {told[0]}\n")
    return None


def main(port: int, devices: int, log: Path) -> None:
    log.touch()
    memory = [SimData(0, count=REGISTERS, datatype=DataType.REGISTERS)]
    chambers = [SimDevice(each, memory, action=partial(_touched, each, log)) for each in range(1, devices + 1)]
    asyncio.run(StartAsyncTcpServer(chambers, address=("127.0.0.1", port)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
