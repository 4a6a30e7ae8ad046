"""OPC UA, spoken with a LADS device by node-opcua that has its own reading of the protocol."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml

from equipment.adapters.base import Command, DeviceUnreachable, Identity
from equipment.models import Unit
from equipment.queries import live_values
from mes.accounts.models import Site
from tests.equipment.opcua.device import (
    NOON,
    START,
    Opened,
    heard,
    node,
    on,
    shown,
)
from tests.equipment.peers import Peer
from tests.given import equipment as given

# --- readings ----------------------------------------------------------------------------------------------------


def test_the_present_values_come_first_and_the_nameplate_tells_who_it_is(opened: Opened) -> None:
    device = opened()
    assert shown(device) == {"temperature": (37.0, "good"), "co2": (5.0, "good"), "humidity": (85.0, "good")}
    assert device.identify() == Identity("Peer Works", "Chamber 160", "PW-0042", "2.4")
    assert opened(device=node("Incubator")).identify() == device.identify()


def test_a_server_without_nameplate_tells_of_itself(opened: Opened) -> None:
    for name in ("Chamber", "Nothing"):
        assert opened(device=node(name)).identify() == Identity("Server Works", "Server 9", "", "7.1")


def test_every_change_is_handed_out_once_oldest_first_with_its_time_and_quality(
    incubator: Peer, opened: Opened
) -> None:
    device = opened()
    shown(device)
    given = [
        (37.1, "Good"),
        (37.2, "UncertainLastUsableValue"),
        (37.3, "BadSensorFailure"),
        (37.4, "GoodLocalOverride"),
    ]
    start = datetime.now(UTC).replace(microsecond=0)
    for number, (value, status) in enumerate(given):
        at = (start + timedelta(milliseconds=number)).isoformat()
        incubator.ask("put", name="Temperature", value=value, status=status, at=at)
    told = [each for each in heard(device, "temperature", 37.4) if each.value != 37]
    assert [(each.value, str(each.quality)) for each in told] == [
        (37.1, "good"),
        (37.2, "uncertain"),
        (None, "bad"),
        (37.4, "good"),
    ]
    assert [each.at - start for each in told] == [timedelta(milliseconds=number) for number in range(4)]
    assert {each.received_at for each in told} == {NOON}


def test_a_value_that_stays_is_so_at_the_time_the_server_says_so(opened: Opened) -> None:
    device = opened()
    (first,) = device.read(["temperature"])
    (again,) = device.read(["temperature"])
    assert (again.value, again.quality) == (first.value, first.quality)
    assert again.at > first.at


def test_a_value_outside_the_instruments_range_is_kept_and_bad(incubator: Peer, opened: Opened) -> None:
    incubator.ask("put", name="Temperature", value=50.1)
    incubator.ask("put", name="Humidity", value=101)
    assert shown(opened()) == {"temperature": (50.1, "bad"), "co2": (5.0, "good"), "humidity": (101.0, "bad")}


@pytest.mark.parametrize("name", [node("Nothing"), "nsu=urn:elsewhere;s=CO2", node("LastCommand"), node("Incubator")])
def test_a_node_without_a_number_is_bad_and_has_no_value(opened: Opened, name: str) -> None:
    device = opened(tags={"co2": {"node": name, "unit": "%"}})
    assert [shown(device), shown(device)] == [{"co2": (None, "bad")}] * 2


def test_another_unit_of_measure_gives_no_value_and_takes_none(incubator: Peer, opened: Opened) -> None:
    incubator.ask("unit", name="Temperature", unit="degree_fahrenheit")
    incubator.ask("unit", name="TemperatureSetpoint", unit="degree_fahrenheit")
    device = opened()
    assert shown(device)["temperature"] == (None, "bad")
    assert device.units_of_measure() == {"temperature": "°F", "co2": "%", "humidity": "%"}  # type: ignore[attr-defined]
    ack = device.command(Command(uuid4(), "incubate"))
    assert (ack.accepted, ack.message) == (False, "The device takes temperature in °F, not in °C.")


def test_where_the_server_says_no_unit_of_measure_the_map_does(opened: Opened) -> None:
    assert shown(opened(tags={"co2": {"node": node("Door"), "unit": "%"}})) == {"co2": (5.0, "good")}
    assert shown(opened(tags={"co2": {"node": node("Door"), "unit": "mmHg"}})) == {"co2": (None, "bad")}


# --- commands ----------------------------------------------------------------------------------------------------


def test_a_command_is_written_once_and_read_back(incubator: Peer, opened: Opened) -> None:
    device = opened()
    command = Command(uuid4(), "incubate", {"temperature": 36.5})
    assert device.command(command).accepted
    state = device.state()
    assert (state.mode, state.last_command) == ("incubate", command.id)
    assert state.setpoints == {"temperature": 36.5, "co2": 5}, "and what was left out has the default of the class"
    assert incubator.ask("written") == ["TemperatureSetpoint", "CO2Setpoint", "Mode", "LastCommand"]
    assert device.command(command).accepted
    assert incubator.ask("written") == []


def test_a_device_without_ids_is_only_written_where_it_differs(incubator: Peer, opened: Opened) -> None:
    device = opened(last_command=None)
    device.command(Command(uuid4(), "incubate", {"temperature": 36.6}))
    incubator.ask("written")
    assert device.command(Command(uuid4(), "incubate", {"temperature": 36.6})).accepted
    assert incubator.ask("written") == [], "36.6 is not exactly what a Float holds, and yet the same"
    assert device.command(Command(uuid4(), "incubate", {"temperature": 37})).accepted
    assert incubator.ask("written") == ["TemperatureSetpoint"]
    assert device.state().last_command is None


def test_a_method_is_called_once_with_what_the_map_names(incubator: Peer, opened: Opened) -> None:
    device = opened(methods={"incubate": START})
    command = Command(uuid4(), "incubate", {"temperature": 36.5})
    assert device.command(command).accepted
    assert incubator.ask("called") == [[36.5, 5, str(command.id)]]
    assert incubator.ask("written") == []
    assert (device.state().mode, device.state().last_command) == ("incubate", command.id)
    assert device.command(command).accepted
    assert incubator.ask("called") == []


def test_what_a_method_refuses_is_quoted(opened: Opened) -> None:
    device = opened(methods={"incubate": START})
    ack = device.command(Command(uuid4(), "incubate", {"co2": 12}))
    assert (ack.accepted, ack.message) == (False, "The device refuses “incubate”: BadOutOfRange.")
    short = opened(methods={"incubate": START | {"arguments": ["co2"]}})
    assert short.command(Command(uuid4(), "incubate")).message.endswith("it takes 3 arguments, not 1.")


@pytest.mark.parametrize(
    ("name", "setpoints", "message"),
    [
        ("thaw", {}, "no value for “thaw”"),
        ("incubate", {"humidity": 80.0}, "no set-point “humidity”"),
        ("incubate", {"temperature": 45.1}, "outside 20 to 45 °C"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    incubator: Peer, opened: Opened, name: str, setpoints: dict[str, float], message: str
) -> None:
    ack = opened().command(Command(uuid4(), name, setpoints))
    assert not ack.accepted
    assert message in ack.message
    assert incubator.ask("written") == []


def test_what_does_not_fit_the_type_of_the_node_is_refused(incubator: Peer, opened: Opened) -> None:
    device = opened(setpoints={"co2": {"node": node("HumiditySetpoint"), "unit": "%"}})
    ack = device.command(Command(uuid4(), "incubate", {"co2": -1}))
    assert (ack.accepted, ack.message) == (False, "-1 does not fit into UInt16.")
    assert incubator.ask("written") == []


def test_a_device_that_refuses_to_be_written_is_quoted(opened: Opened) -> None:
    device = opened(setpoints={"co2": {"node": node("CO2"), "unit": "%"}})
    ack = device.command(Command(uuid4(), "incubate", {"co2": 6}))
    assert not ack.accepted
    assert "s=CO2: BadNotWritable" in ack.message


def test_a_state_the_map_does_not_name_is_told_as_it_is(incubator: Peer, opened: Opened) -> None:
    incubator.ask("put", name="Mode", value=9)
    assert opened().state().mode == "unknown state 9"
    incubator.ask("put", name="Mode", value=9, status="BadSensorFailure")
    assert opened().state().mode == "not known"


def test_a_unit_that_is_only_read_takes_no_command(opened: Opened) -> None:
    device = opened(mode=None, setpoints={}, last_command=None)
    assert device.state().mode == ""
    assert not device.command(Command(uuid4(), "incubate")).accepted


# --- the line ----------------------------------------------------------------------------------------------------


def test_a_device_that_forgot_us_is_out_of_reach_and_found_again(incubator: Peer, opened: Opened) -> None:
    device = opened()
    shown(device)
    incubator.ask("vanish")
    with pytest.raises(DeviceUnreachable, match=f":{incubator.port} does not answer"):
        device.read(["humidity"])
    incubator.ask("return")
    incubator.ask("put", name="Humidity", value=60)
    assert heard(device, "humidity", 60)
    incubator.ask("put", name="Humidity", value=61)
    assert heard(device, "humidity", 61)[-1].at != NOON, "it tells by itself again"


def test_a_connection_that_was_closed_meanwhile_is_opened_anew(incubator: Peer, opened: Opened) -> None:
    device = opened()
    shown(device)
    incubator.ask("vanish")
    incubator.ask("return")
    assert shown(device)["humidity"] == (85.0, "good")


def test_a_device_that_takes_the_connection_and_says_nothing_is_out_of_reach(incubator: Peer, opened: Opened) -> None:
    device = opened(timeout=0.3)
    shown(device)
    incubator.process.send_signal(signal.SIGSTOP)
    for _ in range(2):
        with pytest.raises(DeviceUnreachable):
            device.read(["humidity"])
    incubator.process.send_signal(signal.SIGCONT)
    assert shown(device)["humidity"] == (85.0, "good")


@pytest.mark.parametrize(
    ("tag_map", "message"),
    [
        ({"tags": {"pressure": {"node": "i=1"}}}, "no tag pressure"),
        ({"setpoints": {"speed": {"node": "i=1"}}}, "no set-point speed"),
        ({"setpoints": {"co2": {"node": "i=1", "unit": "mmHg"}}}, "co2 is in %, not in mmHg"),
        ({"mode": {"node": "i=1", "values": {"fly": 1}}}, "no state fly"),
        ({"methods": {"incubate": START | {"arguments": ["speed"]}}}, "no set-point speed"),
        ({"tags": {"co2": {"node": "somewhere"}}}, "pattern"),
        ({"user": {"name": "baton", "password": "a secret"}}, "over a line with security"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_map_that_does_not_fit_the_class_is_not_used(opened: Opened, tag_map: dict[str, Any], message: str) -> None:
    with pytest.raises(DeviceUnreachable, match=message) as refusal:
        opened(**tag_map).read(["co2"])
    assert "a secret" not in str(refusal.value)


def test_a_missing_map_is_silence_and_one_put_there_later_is_used(
    incubator: Peer, opened: Opened, tmp_path: Path
) -> None:
    device = opened()
    (tmp_path / "device.yaml").unlink()
    with pytest.raises(DeviceUnreachable, match="cannot be used"):
        device.read(["co2"])
    (tmp_path / "device.yaml").write_text(yaml.safe_dump(on(incubator)))
    assert shown(device)["humidity"] == (85.0, "good")


# --- behind the gateway ------------------------------------------------------------------------------------------


def connected_unit(site: Site, directory: Path, peer: Peer) -> Unit:
    place = directory / site.code / "opcua"
    place.mkdir(parents=True)
    (place / "plant").write_text(yaml.safe_dump(on(peer)))
    return given.unit(site, "incubator", "INC-1", adapter="opcua")


@pytest.mark.django_db
def test_the_gateway_reads_the_device_and_drives_a_command_to_its_read_back(
    site: Site, incubator: Peer, tmp_path: Path
) -> None:
    unit = connected_unit(site, tmp_path, incubator)
    command = given.requested(unit, "incubate", temperature=("36.5", "°C"))
    gateway = given.gateway(site, tmp_path)
    gateway.sweep()
    command.refresh_from_db()
    assert (command.status, command.failure) == ("confirmed", "")
    assert command.read_back["setpoints"]["temperature"] == 36.5
    assert incubator.ask("get", name="TemperatureSetpoint") == 36.5
    assert UUID(incubator.ask("get", name="LastCommand")) == command.id
    assert {each.tag: each.value for each in live_values(unit)} == {"temperature": 37.0, "co2": 5.0, "humidity": 85.0}
    gateway.close()
