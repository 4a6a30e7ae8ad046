"""A device behind OPC UA: a variable for each tag, a method for each state. Arguments: its class and its name."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from asyncua import Node, Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager

from equipment.classes import CommandPage
from mes.embedded.processes import free_port
from tests.plant.living import Living, answer, say

SPACE = "urn:baton:plant"
AT_ONCE = 200  # values: fewer of each tag than a listener has room for until it is told
PUBLISHED = 0.3  # seconds in which they are told


class OpenToAll(UserManager):
    """Over loopback everybody may look and call; only the device itself writes."""

    def get_user(self, *_server: Any, **_credentials: Any) -> User:
        return User(role=UserRole.User)


class OpcUaDevice:
    def __init__(self, device: Living, port: int) -> None:
        self.device = device
        self.endpoint = f"opc.tcp://127.0.0.1:{port}"
        self.server = Server(user_manager=OpenToAll())
        self._nodes: dict[str, Node] = {}

    async def start(self) -> None:
        await self.server.init()
        self.server.set_endpoint(self.endpoint)
        self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        # Its time is the site's, which runs ahead.
        self.server.set_force_server_timestamp(False)
        self._space = await self.server.register_namespace(SPACE)
        self._unit = await self.server.nodes.objects.add_object(self._id("unit"), "Unit")
        for tag in self.device.page.tags:
            await self._add(f"tag.{tag.name}", ua.VariantType.Double)
        for name in self.device.setpoint_units():
            await self._add(f"setpoint.{name}", ua.VariantType.Double)
        for name in ("mode", "last_command"):
            await self._add(name, ua.VariantType.String)
        for page in self.device.page.commands:
            await self._add_method(page)
        for name, value in self.device.values().items():
            await self._show(f"tag.{name}", value, ua.VariantType.Double)
        await self.show_state()
        await self.server.start()

    def map(self) -> dict[str, Any]:
        """The tag map that says all this to Baton."""
        known = f"nsu={SPACE};s="
        return {
            "endpoint": self.endpoint,
            "sampling": 0,
            "tags": {tag.name: {"node": f"{known}tag.{tag.name}", "unit": tag.unit} for tag in self.device.page.tags},
            "setpoints": {
                name: {"node": f"{known}setpoint.{name}", "unit": unit}
                for name, unit in self.device.setpoint_units().items()
            },
            "mode": {"node": f"{known}mode", "values": {page.name: page.name for page in self.device.page.commands}},
            "last_command": f"{known}last_command",
            "methods": {
                page.name: {
                    "object": f"{known}unit",
                    "method": f"{known}move_to.{page.name}",
                    "arguments": [*(each.name for each in page.setpoints), "command"],
                }
                for page in self.device.page.commands
            },
        }

    async def live(self) -> None:
        """Tell what was measured since the last time, each at its hour, and no faster than anybody can listen."""
        for number, reading in enumerate(self.device.measured(), start=1):
            await self._show(f"tag.{reading.tag}", reading.value, ua.VariantType.Double, reading.at)
            if number % AT_ONCE == 0:
                await asyncio.sleep(PUBLISHED)

    async def show_state(self) -> None:
        state = self.device.state()
        for name, value in state.setpoints.items():
            await self._show(f"setpoint.{name}", value, ua.VariantType.Double)
        await self._show("mode", state.mode, ua.VariantType.String)
        await self._show("last_command", str(state.last_command or ""), ua.VariantType.String)

    def _id(self, name: str) -> ua.NodeId:
        return ua.NodeId(ua.String(name), ua.Int16(self._space))

    async def _add(self, name: str, kind: ua.VariantType) -> None:
        empty = "" if kind is ua.VariantType.String else 0.0
        self._nodes[name] = await self._unit.add_variable(self._id(name), name, ua.Variant(empty, kind))

    async def _add_method(self, page: CommandPage) -> None:
        names = [each.name for each in page.setpoints]

        async def move_to(_parent: ua.NodeId, *told: ua.Variant) -> list[ua.Variant]:
            *values, number = (each.Value for each in told)
            ack = self.device.move_to(page.name, dict(zip(names, values, strict=True)), number)
            if not ack.accepted:
                raise ua.UaStatusCodeError(ua.StatusCodes.BadInvalidArgument)  # type: ignore[no-untyped-call]  # asyncua says no types here
            await self.show_state()
            return []

        inputs = [*(_argument(name, ua.ObjectIds.Double) for name in names), _argument("command", ua.ObjectIds.String)]
        await self._unit.add_method(self._id(f"move_to.{page.name}"), page.name, move_to, inputs, [])

    async def _show(self, name: str, value: Any, kind: ua.VariantType, at: Any = None) -> None:
        at = at or self.device.now()
        told = ua.DataValue(ua.Variant(value, kind), SourceTimestamp=at, ServerTimestamp=at)
        await self._nodes[name].write_value(told)


def _argument(name: str, kind: int) -> ua.Argument:
    return ua.Argument(Name=name, DataType=ua.NodeId(ua.Int32(kind)), ValueRank=-1)


async def main(class_code: str, name: str) -> None:
    device = Living(class_code, name)
    served = OpcUaDevice(device, free_port())
    await served.start()
    say({"port": 0, "map": served.map()})
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer(line, {"clock": device.set_clock})
        await served.live()
    await served.server.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
