"""An incubator that speaks OPC UA, by node-opcua with its own reading of the protocol."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from equipment.adapters.base import Adapter, Connection
from equipment.adapters.opcua import open_opcua
from tests.equipment.opcua.device import (
    NOON,
    NUMBERS,
    Opened,
    certificate,
    on,
)
from tests.equipment.peers import Peer, running


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with running("opcua.js", "node-opcua-server", "0", str(tmp_path_factory.mktemp("device"))) as peer:
        yield peer


@pytest.fixture
def incubator(peer: Peer) -> Peer:
    """37.0 °C, 5 % CO₂, 85 % humidity, idle; nobody has written to it."""
    for name, value in NUMBERS.items():
        peer.ask("put", name=name, value=value)
        peer.ask("unit", name=name)
    peer.ask("put", name="LastCommand", value="")
    peer.ask("written")
    peer.ask("called")
    return peer


@pytest.fixture
def opened(incubator: Peer, tmp_path: Path) -> Iterator[Opened]:
    """An adapter for the incubator, its map changed as told."""
    devices = []

    def made(**changed: Any) -> Adapter:
        (tmp_path / "device.yaml").write_text(yaml.safe_dump(on(incubator, **changed)))
        devices.append(
            open_opcua(
                Connection(
                    unit="INC-1",
                    class_code="incubator",
                    address="device.yaml",
                    clock=lambda: NOON,
                    interval=lambda: NOON - NOON,
                    directory=tmp_path,
                    neighbours={},
                )
            )
        )
        return devices[-1]

    yield made
    for device in devices:
        device.close()


@pytest.fixture
def certified(incubator: Peer, tmp_path: Path) -> bytes:
    (tmp_path / "device.der").write_bytes(b64decode(incubator.ask("certificate")))
    return certificate(tmp_path, "baton")
