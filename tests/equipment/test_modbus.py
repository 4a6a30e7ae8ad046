"""Modbus TCP, spoken with devices by modbus-serial and by libmodbus that make and read their registers themselves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from ctypes.util import find_library
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from equipment.adapters.base import Adapter, Command, Connection, DeviceUnreachable, Identity, Quality
from equipment.adapters.modbus import open_modbus
from equipment.models import Unit
from equipment.queries import live_values
from mes.accounts.models import Site
from tests.equipment.peers import Peer, running
from tests.given import equipment as given

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALUES = {
    "int16": -12345,
    "uint16": 54321,
    "int32": -1234567890,
    "uint32": 4023456789,
    "int64": -1234567890123456,
    "uint64": 8765432109876543,
    "float32": -36.75,
    "float64": 6.02214076e23,
}
ORDERS = list(product(("big", "little"), repeat=2))

CHAMBER: dict[str, Any] = {
    "host": "127.0.0.1",
    "timeout": 0.3,
    "tags": {
        "temperature": {"kind": "input", "address": 0, "type": "int16", "scale": 0.1, "unit": "°C", "high": 50},
        "co2": {"kind": "input", "address": 2, "type": "float32", "word_order": "little", "unit": "%"},
        "humidity": {"kind": "holding", "address": 4, "type": "uint16", "unit": "%"},
    },
    "setpoints": {
        "temperature": {"address": 20, "type": "int16", "scale": 0.1, "unit": "°C", "low": 20, "high": 45},
        "co2": {"address": 22, "type": "float32", "byte_order": "little", "unit": "%"},
    },
    "mode": {"address": 30, "values": {"idle": 0, "incubate": 3}},
    "last_command": 40,
}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with running("modbus.js", "modbus-serial", "0") as peer:
        yield peer


@pytest.fixture
def chamber() -> Iterator[Peer]:
    """A device nobody else has written to: 37.0 °C, 5 % CO₂, 85 % humidity, idle."""
    with running("modbus.js", "modbus-serial", "0") as peer:
        peer.ask("put", kind="input", address=0, type="int16", value=370)
        peer.ask("put", kind="input", address=2, type="float32", words="little", value=5)
        peer.ask("put", kind="holding", address=4, type="uint16", value=85)
        yield peer


def adapter(directory: Path, tag_map: dict[str, Any], *, class_code: str = "incubator") -> Adapter:
    (directory / "device.yaml").write_text(yaml.safe_dump(tag_map))
    return open_modbus(
        Connection(
            unit="INC-1",
            class_code=class_code,
            address="device.yaml",
            clock=lambda: NOON,
            interval=lambda: NOON - NOON,
            directory=directory,
            neighbours={},
        )
    )


def on(peer: Peer, **changed: Any) -> dict[str, Any]:
    return CHAMBER | {"port": peer.port} | changed


def shown(device: Adapter) -> dict[str, tuple[float | None, str]]:
    return {each.tag: (each.value, str(each.quality)) for each in device.read(["temperature", "co2", "humidity"])}


@pytest.mark.parametrize("kind", ["holding", "input"])
def test_every_type_in_every_order_is_read_as_the_device_means_it(peer: Peer, tmp_path: Path, kind: str) -> None:
    for number, (name, (byte_order, word_order)) in enumerate(product(VALUES, ORDERS)):
        where = {"kind": kind, "address": 100 + 4 * number}
        peer.ask("put", type=name, value=str(VALUES[name]), bytes=byte_order, words=word_order, **where)
        tag = {"type": name, "byte_order": byte_order, "word_order": word_order, "unit": "%", **where}
        device = adapter(tmp_path, {"host": "127.0.0.1", "port": peer.port, "tags": {"humidity": tag}})
        (reading,) = device.read(["humidity"])
        device.close()
        assert reading.value == VALUES[name], (name, byte_order, word_order)


@pytest.mark.parametrize("kind", ["coil", "discrete"])
def test_bits_are_read_as_nought_and_one(peer: Peer, tmp_path: Path, kind: str) -> None:
    tag_map = {"host": "127.0.0.1", "port": peer.port}
    device = adapter(tmp_path, {**tag_map, "tags": {"humidity": {"kind": kind, "address": 7, "unit": "%"}}})
    for bit in (1, 0):
        peer.ask("bit", kind=kind, address=7, value=bit)
        assert [reading.value for reading in device.read(["humidity"])] == [bit]
    device.close()


def test_readings_are_scaled_and_carry_the_time_of_the_answer(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    assert shown(device) == {"temperature": (37.0, "good"), "co2": (5.0, "good"), "humidity": (85.0, "good")}
    assert {(reading.at, reading.received_at) for reading in device.read(["co2"])} == {(NOON, NOON)}
    assert device.identify() == Identity("Peer Works", "Chamber 160", "", "2.4")
    device.close()


def test_a_value_outside_the_instruments_range_is_kept_and_bad(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    chamber.ask("put", kind="input", address=0, type="int16", value=501)
    chamber.ask("put", kind="holding", address=4, type="uint16", value=101)
    assert shown(device) | {"co2": None} == {"temperature": (50.1, "bad"), "co2": None, "humidity": (101.0, "bad")}
    device.close()


def test_an_exception_code_and_what_is_no_number_are_bad_and_have_no_value(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    chamber.ask("fault", address=0, code=4)
    chamber.ask("put", kind="input", address=2, type="float32", words="little", value="NaN")
    assert shown(device) == {"temperature": (None, "bad"), "co2": (None, "bad"), "humidity": (85.0, "good")}
    device.close()


def test_a_tag_in_another_unit_of_measure_has_no_value(chamber: Peer, tmp_path: Path) -> None:
    humidity = {"address": 4, "unit": "g/m³"}
    device = adapter(tmp_path, on(chamber, tags={"humidity": humidity}))
    assert shown(device) == {"humidity": (None, "bad")}
    device.close()


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(("byte_order", "word_order"), ORDERS)
def test_set_points_of_every_type_arrive_as_they_were_meant(
    peer: Peer, tmp_path: Path, name: str, byte_order: str, word_order: str
) -> None:
    register = {"address": 60, "type": name, "byte_order": byte_order, "word_order": word_order, "unit": "°C"}
    mode = {"address": 90, "values": {"incubate": 3}}
    device = adapter(tmp_path, on(peer, tags={}, setpoints={"temperature": register}, mode=mode, last_command=None))
    assert device.command(Command(uuid4(), "incubate", {"temperature": 41})).accepted
    kept = peer.ask("get", kind="holding", address=60, type=name, bytes=byte_order, words=word_order)
    assert float(kept) == 41
    assert device.state().setpoints == {"temperature": 41}
    device.close()


def test_a_command_is_written_once_and_read_back(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    command = Command(uuid4(), "incubate", {"temperature": 36.5})
    assert device.command(command).accepted
    state = device.state()
    assert (state.mode, state.last_command) == ("incubate", command.id)
    assert state.setpoints == {"temperature": 36.5, "co2": 5}, "and what was left out has the default of the class"
    assert chamber.ask("written") == [20, 22, 23, 30, *range(40, 48)], "the state after the set-points, the id last"
    assert device.command(command).accepted
    assert chamber.ask("written") == []
    device.close()


def test_a_device_without_ids_is_only_written_where_it_differs(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber, last_command=None))
    device.command(Command(uuid4(), "incubate", {"temperature": 36.5}))
    chamber.ask("written")
    assert device.command(Command(uuid4(), "incubate", {"temperature": 36.5})).accepted
    assert chamber.ask("written") == []
    assert device.command(Command(uuid4(), "incubate", {"temperature": 37})).accepted
    assert chamber.ask("written") == [20]
    assert device.state().last_command is None
    device.close()


@pytest.mark.parametrize(
    ("name", "setpoints", "message"),
    [
        ("thaw", {}, "no number for “thaw”"),
        ("incubate", {"humidity": 80.0}, "no set-point “humidity”"),
        ("incubate", {"temperature": 45.1}, "outside 20 to 45 °C"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    chamber: Peer, tmp_path: Path, name: str, setpoints: dict[str, float], message: str
) -> None:
    device = adapter(tmp_path, on(chamber))
    ack = device.command(Command(uuid4(), name, setpoints))
    assert not ack.accepted
    assert message in ack.message
    assert chamber.ask("written") == []
    device.close()


def test_what_does_not_fit_into_the_registers_is_refused(chamber: Peer, tmp_path: Path) -> None:
    narrow = {"address": 20, "type": "int16", "scale": 0.001, "unit": "°C"}
    device = adapter(tmp_path, on(chamber, setpoints={"temperature": narrow}))
    ack = device.command(Command(uuid4(), "incubate", {"temperature": 37}))
    assert (ack.accepted, ack.message) == (False, "37 does not fit into int16 at 20.")
    assert chamber.ask("written") == []
    device.close()


def test_a_device_that_refuses_to_be_written_is_quoted(chamber: Peer, tmp_path: Path) -> None:
    chamber.ask("put", kind="holding", address=20, type="int16", value=300)
    device = adapter(tmp_path, on(chamber))
    chamber.ask("fault", address=30, code=3)
    ack = device.command(Command(uuid4(), "incubate", {"temperature": 30}))
    assert not ack.accepted
    assert "register 30: exception code 3" in ack.message
    assert device.state().mode == "not known"
    device.close()


def test_a_state_the_map_does_not_name_is_told_as_it_is(chamber: Peer, tmp_path: Path) -> None:
    chamber.ask("put", kind="holding", address=30, type="uint16", value=9)
    device = adapter(tmp_path, on(chamber))
    assert device.state().mode == "unknown state 9"
    device.close()


def test_a_unit_that_is_only_read_takes_no_command(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber, mode=None, setpoints={}, last_command=None))
    assert device.state().mode == ""
    assert not device.command(Command(uuid4(), "incubate")).accepted
    device.close()


def test_a_killed_device_is_out_of_reach_and_found_again(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    assert shown(device)["humidity"] == (85.0, "good")
    chamber.kill()
    with pytest.raises(DeviceUnreachable, match=f":{chamber.port} does not answer"):
        device.read(["humidity"])
    with running("modbus.js", "modbus-serial", str(chamber.port)) as again:
        again.ask("put", kind="holding", address=4, type="uint16", value=60)
        assert shown(device)["humidity"] == (60.0, "good")
    device.close()


def test_a_connection_that_was_closed_meanwhile_is_opened_anew(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    shown(device)
    chamber.kill()
    with running("modbus.js", "modbus-serial", str(chamber.port)) as again:
        again.ask("put", kind="holding", address=4, type="uint16", value=60)
        assert shown(device)["humidity"] == (60.0, "good")
    device.close()


def test_a_device_that_takes_the_connection_and_says_nothing_is_out_of_reach(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    shown(device)
    chamber.process.send_signal(signal.SIGSTOP)
    with pytest.raises(DeviceUnreachable):
        device.read(["humidity"])
    chamber.process.send_signal(signal.SIGCONT)
    assert shown(device)["humidity"] == (85.0, "good"), "a late answer is not taken for the next one"
    device.close()


@pytest.mark.parametrize(
    ("tag_map", "message"),
    [
        ({"tags": {"pressure": {"address": 1}}}, "no tag pressure"),
        ({"setpoints": {"speed": {"address": 1}}}, "no set-point speed"),
        ({"setpoints": {"co2": {"address": 1, "unit": "mmHg"}}}, "co2 is in %, not in mmHg"),
        ({"mode": {"address": 1, "values": {"fly": 1}}}, "no state fly"),
        ({"mode": {"kind": "input", "address": 1, "values": {"idle": 1}}}, "holding registers or coils"),
        ({"tags": {"co2": {"address": 70000}}}, "65535"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_map_that_does_not_fit_the_class_is_not_used(tmp_path: Path, tag_map: dict[str, Any], message: str) -> None:
    device = adapter(tmp_path, CHAMBER | {"port": 1} | tag_map)
    with pytest.raises(DeviceUnreachable, match=message):
        device.read(["co2"])


def test_a_missing_map_is_silence_and_one_put_there_later_is_used(chamber: Peer, tmp_path: Path) -> None:
    device = adapter(tmp_path, on(chamber))
    (tmp_path / "device.yaml").unlink()
    with pytest.raises(DeviceUnreachable, match="cannot be used"):
        device.read(["co2"])
    (tmp_path / "device.yaml").write_text(yaml.safe_dump(on(chamber)))
    assert shown(device)["humidity"] == (85.0, "good")
    device.close()


# --- behind the gateway ------------------------------------------------------------------------------------------


def connected_unit(site: Site, directory: Path, peer: Peer) -> Unit:
    place = directory / site.code / "modbus"
    place.mkdir(parents=True)
    (place / "plant").write_text(yaml.safe_dump(on(peer)))
    return given.unit(site, "incubator", "INC-1", adapter="modbus")


@pytest.mark.django_db
def test_the_gateway_reads_the_device_and_drives_a_command_to_its_read_back(
    site: Site, chamber: Peer, tmp_path: Path
) -> None:
    unit = connected_unit(site, tmp_path, chamber)
    command = given.requested(unit, "incubate", temperature=("36.5", "°C"))
    gateway = given.gateway(site, tmp_path)
    gateway.sweep()
    command.refresh_from_db()
    assert (command.status, command.failure) == ("confirmed", "")
    assert command.read_back["setpoints"]["temperature"] == 36.5
    assert chamber.ask("get", kind="holding", address=20, type="int16") == "365"
    id_words = [int(chamber.ask("get", kind="holding", address=40 + at, type="uint16")) for at in range(8)]
    assert UUID(bytes=b"".join(word.to_bytes(2) for word in id_words)) == command.id
    assert {each.tag: each.value for each in live_values(unit)} == {"temperature": 37.0, "co2": 5.0, "humidity": 85.0}
    gateway.close()


@pytest.mark.django_db
def test_the_gateway_tells_of_a_lost_device_once(site: Site, chamber: Peer, tmp_path: Path) -> None:
    connected_unit(site, tmp_path, chamber)
    gateway = given.gateway(site, tmp_path)
    chamber.kill()
    assert [reading.quality for _, reading in gateway.read_devices()] == [Quality.BAD]
    gateway._read_next.clear()
    assert gateway.read_devices() == []
    gateway.close()


@pytest.fixture(scope="module")
def other() -> Iterator[Peer]:
    """A device by libmodbus: what one library and we understand alike, another might not."""
    if find_library("modbus") is None:
        pytest.skip("libmodbus is not installed; `make peers` installs it where Debian or Homebrew has it.")
    peer = Peer("tests.peers.libmodbus")
    yield peer
    peer.kill()


def test_libmodbus_means_the_same_registers(other: Peer, tmp_path: Path) -> None:
    """36.5 °C is 365 tenths; 5.25 % is the float 0x40A80000, whose low word comes first in this map."""
    other.ask("put", kind="input", address=0, values=[365])
    other.ask("put", kind="input", address=2, values=[0x0000, 0x40A8])
    other.ask("put", kind="holding", address=4, values=[85])
    device = adapter(tmp_path, on(other))
    assert shown(device) == {"temperature": (36.5, "good"), "co2": (5.25, "good"), "humidity": (85.0, "good")}
    command = Command(uuid4(), "incubate", {"temperature": 37.5, "co2": 5.25})
    assert device.command(command).accepted
    assert other.ask("get", kind="holding", address=20, count=1) == [375]
    assert other.ask("get", kind="holding", address=22, count=2) == [0xA840, 0x0000], "the bytes of each word turned"
    state = device.state()
    assert (state.mode, state.last_command, state.setpoints) == (
        "incubate",
        command.id,
        {"temperature": 37.5, "co2": 5.25},
    )
    device.close()


@pytest.mark.parametrize("kind", ["coil", "discrete"])
def test_libmodbus_means_the_same_bits(other: Peer, tmp_path: Path, kind: str) -> None:
    tags = {"humidity": {"kind": kind, "address": 7, "unit": "%"}}
    device = adapter(tmp_path, {"host": "127.0.0.1", "port": other.port, "tags": tags})
    for bit in (1, 0):
        other.ask("put", kind=kind, address=7, values=[bit])
        assert [reading.value for reading in device.read(["humidity"])] == [bit]
    device.close()
