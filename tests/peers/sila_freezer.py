"""A controlled-rate freezer that speaks SiLA 2: the server of the sila2 library, in a process of its own.

One JSON order a line on stdin, one JSON answer a line on stdout. Arguments: PORT and `open`, or `tls`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Event
from typing import Any, NamedTuple
from uuid import UUID

from sila2.framework import DefinedExecutionError, Feature
from sila2.framework.command.execution_info import CommandExecutionStatus
from sila2.server import FeatureImplementationBase, SilaServer
from sila2.server.encryption import generate_self_signed_certificate

FEATURE = Feature((Path(__file__).parent / "freezer.sila.xml").read_text(encoding="utf-8"))
SERVER = UUID("7c5d3a3e-0f9c-4d7e-9a64-0d3b8f3f5a10")


class DoorOpen(DefinedExecutionError):
    def __init__(self) -> None:
        super().__init__(FEATURE.defined_execution_errors["DoorOpen"], "The door is open.")


class Probe(NamedTuple):
    Temperature: int
    Number: int


class Setting(NamedTuple):
    Start: float = 0.0
    Rate: float = 0.0
    FastBelow: float = 0.0
    FastRate: float = 0.0
    End: float = 0.0
    Hold: float = 0.0


class Freezer(FeatureImplementationBase):
    """What it is told is so at once; only a programme takes until it is ended."""

    RunProfile_default_lifetime_of_execution = timedelta(minutes=5)

    def __init__(self, server: SilaServer) -> None:
        super().__init__(server)
        self._ChamberTemperature_producer_queue: Queue[float] = Queue()
        self.door_open = False
        self.told: list[list[Any]] = []
        self.probe = 200
        self.state, self.last_command = "Idle", ""
        self.setting = Setting()
        self.over, self.hangs = Event(), Event()
        self.show(20.0)

    def show(self, temperature: float) -> None:
        self._ChamberTemperature_producer_queue.put(temperature)

    def ChamberTemperature_on_subscription(self, *, metadata: Any) -> None:
        """Everybody hears the same."""

    def get_Probe(self, *, metadata: Any) -> Any:
        return Probe(self.probe, 1)

    def get_Programme(self, *, metadata: Any) -> float:
        if self.hangs.is_set():
            Event().wait(60)
        return 12.5

    def get_Setting(self, *, metadata: Any) -> Any:
        return self.setting

    def get_State(self, *, metadata: Any) -> str:
        return self.state

    def get_LastCommand(self, *, metadata: Any) -> str:
        return self.last_command

    def Hold(self, Temperature: float, Id: str, *, metadata: Any) -> None:
        self._begin("Hold", Id, Hold=Temperature)
        self.state = "Holding"

    def Stop(self, Id: str, *, metadata: Any) -> None:
        self._begin("Stop", Id)
        self.state = "Idle"

    def RunProfile(
        self,
        Start: float,
        Rate: float,
        FastBelow: float,
        FastRate: float,
        End: float,
        Id: str,
        *,
        metadata: Any,
        instance: Any,
    ) -> None:
        self._begin("RunProfile", Id, Start=Start, Rate=Rate, FastBelow=FastBelow, FastRate=FastRate, End=End)
        self.state = "Freezing"
        instance.status = CommandExecutionStatus.running
        instance.progress = 0.1
        self.over.wait()

    def _begin(self, name: str, number: str, **setting: float) -> None:
        if self.door_open:
            raise DoorOpen
        self.told.append([name, setting])
        self.setting = self.setting._replace(**setting)
        self.last_command = number


def main(port: int, line: str) -> None:
    server = SilaServer("Freezer", "Freezer", "Peer", "2.4", "https://peer.example", server_uuid=SERVER)
    freezer = Freezer(server)
    server.set_feature_implementation(FEATURE, freezer)
    key, certificate = generate_self_signed_certificate(SERVER, "127.0.0.1")
    if line == "tls":
        server.start("127.0.0.1", port, key, certificate, enable_discovery=False)
    else:
        server.start_insecure("127.0.0.1", port, enable_discovery=False)
    orders: dict[str, Callable[[dict[str, Any]], Any]] = {
        "show": lambda order: freezer.show(order["temperature"]),
        "probe": lambda order: setattr(freezer, "probe", order["tenths"]),
        "door": lambda order: setattr(freezer, "door_open", order["open"]),
        "state": lambda order: setattr(freezer, "state", order["state"]),
        "hang": lambda order: freezer.hangs.set(),
        "told": lambda order: [freezer.told.pop(0) for _ in range(len(freezer.told))],
        "authority": lambda order: certificate.decode(),
    }
    print(json.dumps({"port": port}), flush=True)
    for each in sys.stdin:
        order = json.loads(each)
        print(json.dumps({"answer": orders[order["do"]](order)}), flush=True)
    freezer.over.set()
    server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
