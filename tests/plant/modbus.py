"""A device behind Modbus TCP: every number is a float in two registers. Arguments: its class and its name."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from mes.embedded.processes import free_port
from tests.plant.living import Living, answer, say

TAGS, SETPOINTS, MODE, STATUS, LAST_COMMAND, SIZE = 0, 100, 200, 201, 210, 220


class ModbusDevice:
    """What is written counts from the moment the command's id is."""

    def __init__(self, device: Living) -> None:
        self.device = device
        self.modes = {page.name: number for number, page in enumerate(device.page.commands)}
        self.tags = _places([tag.name for tag in device.page.tags], TAGS)
        self.setpoints = _places(device.setpoint_units(), SETPOINTS)

    def map(self, port: int) -> dict[str, Any]:
        units = {tag.name: tag.unit for tag in self.device.page.tags}
        return {
            "host": "127.0.0.1",
            "port": port,
            "tags": {name: _place(at, units[name]) for name, at in self.tags.items()},
            "setpoints": {name: _place(at, self.device.setpoint_units()[name]) for name, at in self.setpoints.items()},
            "mode": {"address": MODE, "values": self.modes},
            "status": {"address": STATUS, "values": self.modes},
            "last_command": LAST_COMMAND,
        }

    async def on_request(
        self,
        _function: int,
        _start: int,
        address: int,
        _count: int,
        registers: list[int],
        told: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Before it answers: registers as they are now, or the order that was told. `registers` is changed in place."""
        if told is None:
            self.show(registers)
        elif address == LAST_COMMAND:
            return self.obey(registers, told)
        return None

    def show(self, registers: list[int]) -> None:
        for name, value in self.device.values().items():
            _put(registers, self.tags[name], value)
        registers[STATUS] = self.modes[self.device.state().mode]

    def obey(self, registers: list[int], told: list[int] | list[bool]) -> ExcCodes | None:
        name = next((name for name, number in self.modes.items() if number == registers[MODE]), "")
        page = self.device.page.command(name)
        setpoints = {each.name: _get(registers, self.setpoints[each.name]) for each in page.setpoints} if page else {}
        ack = self.device.move_to(name, setpoints, str(UUID(bytes=struct.pack(">8H", *told))))
        return None if ack.accepted else ExcCodes.ILLEGAL_VALUE


def _places(names: Iterable[str], first: int) -> dict[str, int]:
    return {name: first + 2 * number for number, name in enumerate(names)}


def _place(address: int, unit: str) -> dict[str, Any]:
    return {"address": address, "type": "float32", "unit": unit}


def _put(registers: list[int], address: int, value: float) -> None:
    registers[address : address + 2] = struct.unpack(">2H", struct.pack(">f", value))


def _get(registers: list[int], address: int) -> float:
    # Single precision on the wire: five digits are what anybody sets.
    value: float = struct.unpack(">f", struct.pack(">2H", *registers[address : address + 2]))[0]
    return round(value, 5)


async def main(class_code: str, name: str) -> None:
    device, port = Living(class_code, name), free_port()
    served = ModbusDevice(device)
    registers = SimData(0, count=SIZE, values=0, datatype=DataType.REGISTERS)
    server = ModbusTcpServer(SimDevice(0, simdata=registers, action=served.on_request), address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    say({"port": port, "map": served.map(port)})
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer(line, {"clock": device.set_clock})
    await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus says no types here


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
