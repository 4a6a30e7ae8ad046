"""The controlled-rate freezer behind SiLA 2. Arguments: its class and its name."""

from __future__ import annotations

import sys
from typing import Any

from sila2.server import SilaServer

from mes.embedded.processes import free_port
from tests.peers.sila_freezer import FEATURE, SERVER, Freezer, Probe, Setting
from tests.plant.living import Living, Order, obey, say

STATES = {"idle": "Idle", "hold": "Holding", "freeze": "Freezing"}
NAMES = {"Hold": "hold", "Stop": "idle", "RunProfile": "freeze"}
SETPOINTS = {
    "Hold": "temperature",
    "Start": "start_temperature",
    "Rate": "rate",
    "FastBelow": "fast_below",
    "FastRate": "fast_rate",
    "End": "end_temperature",
}
FEATURE_NAME = "FreezerController"


class LivingFreezer(Freezer):
    """The feature of the peer, with physics behind it."""

    def __init__(self, server: SilaServer, device: Living) -> None:
        self.device = device
        super().__init__(server)
        self.tell()
        self.over.set()  # a programme goes on by itself: nobody waits for it

    def tell(self) -> None:
        self.show(self.device.values()["chamber_temperature"])

    def get_Probe(self, *, metadata: Any) -> Any:
        return Probe(round(10 * self.device.values()["product_temperature"]), 1)

    def get_Programme(self, *, metadata: Any) -> float:
        return self.device.values()["programme"]

    def get_Setting(self, *, metadata: Any) -> Any:
        present = self.device.state().setpoints
        return Setting(**{element: present.get(name, 0.0) for element, name in SETPOINTS.items()})

    def get_State(self, *, metadata: Any) -> str:
        return STATES[self.device.state().mode]

    def get_LastCommand(self, *, metadata: Any) -> str:
        return str(self.device.state().last_command or "")

    def _begin(self, name: str, number: str, **setting: float) -> None:
        self.device.move_to(NAMES[name], {SETPOINTS[element]: value for element, value in setting.items()}, number)


def map_of(device: Living, port: int) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "insecure": True,
        "server": str(SERVER),
        "tags": {
            "chamber_temperature": {"property": f"{FEATURE_NAME}.ChamberTemperature", "unit": "°C"},
            "product_temperature": {
                "property": f"{FEATURE_NAME}.Probe",
                "element": "Temperature",
                "scale": 0.1,
                "unit": "°C",
            },
            "programme": {"property": f"{FEATURE_NAME}.Programme", "unit": "%"},
        },
        "setpoints": {
            name: {"property": f"{FEATURE_NAME}.Setting", "element": element, "unit": device.setpoint_units()[name]}
            for element, name in SETPOINTS.items()
        },
        "mode": {"property": f"{FEATURE_NAME}.State", "values": STATES},
        "last_command": f"{FEATURE_NAME}.LastCommand",
        "commands": {
            name: {"command": f"{FEATURE_NAME}.{told}", "parameters": _parameters(device, name) | {"Id": "command"}}
            for told, name in NAMES.items()
        },
    }


def _parameters(device: Living, name: str) -> dict[str, str]:
    page = device.page.command(name)
    told = {each.name for each in page.setpoints} if page else set()
    words = {setpoint: element for element, setpoint in SETPOINTS.items()} | {"temperature": "Temperature"}
    return {words[setpoint]: setpoint for setpoint in sorted(told)}


def main(class_code: str, name: str) -> None:
    device, port = Living(class_code, name), free_port()
    server = SilaServer("Freezer", "Freezer", "Plant", "1.0", "https://plant.example", server_uuid=SERVER)
    freezer = LivingFreezer(server, device)
    server.set_feature_implementation(FEATURE, freezer)
    server.start_insecure("127.0.0.1", port, enable_discovery=False)

    def set_clock(order: Order) -> None:
        device.set_clock(order)
        freezer.tell()

    say({"port": port, "map": map_of(device, port)})
    obey({"clock": set_clock})
    server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
