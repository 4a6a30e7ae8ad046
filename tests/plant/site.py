"""The devices of a site as processes of their own, and how Baton is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from equipment import services
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import Unit
from mes.accounts.models import Site, User
from tests.equipment.brokers import a_broker
from tests.equipment.peers import Peer, running
from tests.plant.living import Living

# Unit → class and protocol; the module of that name is the device. They are the first that people reach for.
SERVED = {
    "PROC-4": ("cell_processor", "opcua"),
    "RBX-2": ("rocking_bioreactor", "opcua"),
    "INC-1": ("incubator", "modbus"),
    "CRF-1": ("controlled_rate_freezer", "sila"),
}
COUNTER, MONITOR = "CNT-3", "GAS-1"
METRICS = {"oxygen": "O2", "co2": "CO2"}


class Plant:
    """Six devices behind five protocols. Their clock is the site's: whoever moves that tells them."""

    def __init__(self, devices: dict[str, Peer], monitor: Peer, broker: int) -> None:
        self.devices = devices
        self.monitor = monitor
        self.broker = broker
        self._air = Living("gas_monitor", MONITOR)

    def connect(self, actor: User, site: Site, directory: Path) -> None:
        """Write the tag maps, and say of every unit how it is reached."""
        maps = {code: (adapter, self.devices[code].told["map"]) for code, (_, adapter) in SERVED.items()}
        maps[MONITOR] = ("sparkplug", self._monitor_map())
        addresses = {COUNTER: ("file_drop", COUNTER)}
        for code, (adapter, tag_map) in maps.items():
            file = directory / site.code / adapter / f"{code}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml.safe_dump(tag_map, allow_unicode=True), encoding="utf-8")
            addresses[code] = (adapter, file.name)
        for code, (adapter, address) in addresses.items():
            unit = Unit.objects.get(site=site, code=code)
            services.connect_unit(actor=actor, unit=unit, adapter=adapter, address=address)

    def tell_clock(self, shown: datetime, scale: float) -> None:
        order = {"shown": shown.isoformat(), "scale": scale}
        for device in self.devices.values():
            device.ask("clock", **order)
        self._breathe(order)

    def count(self, sample: str, *, viability: str) -> None:
        """The counter finds these percent of a sample alive, and leaves its file."""
        self.devices[COUNTER].ask("count", sample=sample, viability=viability)

    def _breathe(self, order: dict[str, Any]) -> None:
        """The peer knows no physics: it tells what stands in the air, each value at its hour."""
        self._air.set_clock(order)
        for reading in self._air.measured():
            at = int(reading.at.timestamp() * 1000)
            self.monitor.ask("put", name=METRICS[reading.tag], value=reading.value, timestamp=at)

    def _monitor_map(self) -> dict[str, Any]:
        page = EQUIPMENT_CLASSES["gas_monitor"]
        tags = {tag.name: {"metric": METRICS[tag.name], "unit": tag.unit} for tag in page.tags}
        place = {"broker": "127.0.0.1", "port": self.broker, "group": "GRAZ", "node": "Monitor", "device": "CO2-1"}
        return place | {"tags": tags}


@contextmanager
def a_plant(directory: Path, counted: Path) -> Iterator[Plant]:
    """Until the end of the block. `counted` is the place for instruments, `directory` is for the broker's own files."""
    with ExitStack() as stack:
        broker = stack.enter_context(a_broker(directory))
        monitor = stack.enter_context(running("sparkplug.js", "sparkplug-client", str(broker.port)))
        folder = counted / COUNTER
        folder.mkdir(parents=True)
        started: dict[str, tuple[str, ...]] = {COUNTER: ("tests.plant.counter", str(folder))}
        for code, (class_code, protocol) in SERVED.items():
            started[code] = (f"tests.plant.{protocol}", class_code, code)
        with ThreadPoolExecutor() as together:
            starting = {code: together.submit(Peer, *arguments) for code, arguments in started.items()}
        for each in starting.values():
            stack.callback(each.result().kill)
        yield Plant({code: each.result() for code, each in starting.items()}, monitor, broker.port)
