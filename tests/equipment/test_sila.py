"""SiLA 2, spoken with a controlled-rate freezer: the server of the sila2 library, a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from equipment import services
from equipment.adapters.base import Command, Connection, DeviceUnreachable, Identity, Quality, Reading
from equipment.adapters.sila import SilaAdapter, open_sila
from equipment.models import CheckReport
from mes.accounts.models import Site, User
from mes.embedded.processes import free_port
from tests.equipment.peers import Peer
from tests.equipment.waiting import until
from tests.given import equipment as given

TAGS = ["chamber_temperature", "product_temperature", "programme"]
SERVER = "7c5d3a3e-0f9c-4d7e-9a64-0d3b8f3f5a10"
FREEZER: dict[str, Any] = {
    "host": "127.0.0.1",
    "insecure": True,
    "server": SERVER,
    "tags": {
        "chamber_temperature": {"property": "FreezerController.ChamberTemperature", "unit": "°C"},
        "product_temperature": {
            "property": "FreezerController.Probe",
            "element": "Temperature",
            "scale": 0.1,
            "unit": "°C",
        },
        "programme": {"property": "FreezerController.Programme", "unit": "%"},
    },
    "setpoints": {
        name: {"property": "FreezerController.Setting", "element": element, "unit": unit}
        for name, element, unit in [
            ("temperature", "Hold", "°C"),
            ("start_temperature", "Start", "°C"),
            ("rate", "Rate", "°C/min"),
            ("fast_below", "FastBelow", "°C"),
            ("fast_rate", "FastRate", "°C/min"),
            ("end_temperature", "End", "°C"),
        ]
    },
    "mode": {
        "property": "FreezerController.State",
        "values": {"idle": "Idle", "hold": "Holding", "freeze": "Freezing"},
    },
    "last_command": "FreezerController.LastCommand",
    "commands": {
        "hold": {"command": "FreezerController.Hold", "parameters": {"Temperature": "temperature", "Id": "command"}},
        "idle": {"command": "FreezerController.Stop", "parameters": {"Id": "command"}},
        "freeze": {
            "command": "FreezerController.RunProfile",
            "parameters": {
                "Start": "start_temperature",
                "Rate": "rate",
                "FastBelow": "fast_below",
                "FastRate": "fast_rate",
                "End": "end_temperature",
                "Id": "command",
            },
        },
    },
}
Opened = Callable[..., SilaAdapter]


@pytest.fixture
def freezer() -> Iterator[Peer]:
    yield from _running("open")


def _running(line: str, port: int = 0) -> Iterator[Peer]:
    peer = Peer("tests.peers.sila_freezer", str(port or free_port()), line)
    try:
        yield peer
    finally:
        peer.kill()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made: list[SilaAdapter] = []

    def make(port: int, **changed: Any) -> SilaAdapter:
        (tmp_path / "crf.yaml").write_text(yaml.safe_dump(FREEZER | {"port": port} | changed))
        now, interval = (lambda: datetime.now(UTC)), (lambda: timedelta(seconds=10))
        made.append(open_sila(Connection("CRF-1", "controlled_rate_freezer", "crf.yaml", now, interval, tmp_path, {})))
        return made[-1]

    yield make
    for each in made:
        each.close()


def answering(device: SilaAdapter) -> SilaAdapter:
    """Opened: on a busy machine the first answer takes its time."""
    until(device.identify)
    return device


def shown(device: SilaAdapter) -> dict[str, Reading]:
    return {each.tag: each for each in device.read(TAGS)}


def test_the_server_says_who_it_is_in_what_it_measures_and_what(opened: Opened, freezer: Peer) -> None:
    device = answering(opened(freezer.port))
    assert device.identify() == Identity("https://peer.example", "Freezer", SERVER, "2.4")
    assert device.units_of_measure() == {"chamber_temperature": "°C", "product_temperature": "°C", "programme": "%"}
    found = {tag: (each.value, each.quality) for tag, each in shown(device).items()}
    assert found["programme"] == (12.5, Quality.GOOD)
    assert found["product_temperature"] == (20.0, Quality.GOOD), "an element of a structure, in tenths"
    assert found["chamber_temperature"] == (20.0, Quality.GOOD)


def test_every_change_of_what_is_observable_is_told(opened: Opened, freezer: Peer) -> None:
    device = answering(opened(freezer.port))
    shown(device)
    for temperature in (4.5, -3.25, -40.0):
        freezer.ask("show", temperature=temperature)
    heard: list[float | None] = []

    def all_heard() -> bool:
        heard.extend(each.value for each in device.read(["chamber_temperature"]))
        return -40.0 in heard

    until(all_heard)
    assert [each for each in heard if each != 20.0][:3] == [4.5, -3.25, -40.0]


def test_what_is_outside_the_range_is_kept_and_bad(opened: Opened, freezer: Peer) -> None:
    device = answering(opened(freezer.port))
    freezer.ask("probe", tenths=700)
    assert (shown(device)["product_temperature"].value, shown(device)["product_temperature"].quality) == (
        70.0,
        Quality.BAD,
    )


def test_another_unit_of_measure_gives_no_value(opened: Opened, freezer: Peer) -> None:
    tags = FREEZER["tags"] | {"programme": {"property": "FreezerController.ChamberTemperature", "unit": "%"}}
    device = answering(opened(freezer.port, tags=tags))
    assert (shown(device)["programme"].value, shown(device)["programme"].quality) == (None, Quality.BAD)


def test_a_command_leads_to_a_state_that_is_read_back(opened: Opened, freezer: Peer) -> None:
    device, order = answering(opened(freezer.port)), Command(uuid4(), "hold", {"temperature": -10})
    assert device.command(order).accepted
    state = device.state()
    assert (state.mode, state.setpoints["temperature"], state.last_command) == ("hold", -10.0, order.id)
    assert device.command(order).accepted
    assert freezer.ask("told") == [["Hold", {"Hold": -10.0}]], "it is done already, and not told again"


def test_a_programme_runs_on_while_others_ask(opened: Opened, freezer: Peer) -> None:
    device, order = answering(opened(freezer.port)), Command(uuid4(), "freeze", {"rate": 2})
    assert device.command(order).accepted
    state = until(lambda: found if (found := device.state()).last_command == order.id else None)
    assert (state.mode, state.setpoints["rate"], state.setpoints["end_temperature"]) == ("freeze", 2.0, -100.0)
    assert shown(device)["programme"].value == 12.5


@pytest.mark.parametrize("name", ["hold", "freeze"])
def test_what_the_device_refuses_is_a_refusal_in_its_words(opened: Opened, freezer: Peer, name: str) -> None:
    device = answering(opened(freezer.port))
    freezer.ask("door", open=True)
    refused = device.command(Command(uuid4(), name))
    assert (refused.accepted, refused.message) == (False, "The door is open")
    assert (device.state().mode, freezer.ask("told")) == ("idle", [])


def test_a_server_that_is_killed_is_gone_until_it_is_there_again(opened: Opened, freezer: Peer) -> None:
    device = answering(opened(freezer.port))
    shown(device)
    freezer.kill()
    with pytest.raises(DeviceUnreachable, match="does not answer"):
        device.read(TAGS)
    for again in _running("open", freezer.port):
        again.ask("probe", tenths=-50)
        until(lambda: shown(device)["product_temperature"].value == -5.0)


def test_a_server_that_hangs_is_one_that_does_not_answer(opened: Opened, freezer: Peer) -> None:
    device = answering(opened(freezer.port))
    freezer.ask("hang")
    with pytest.raises(DeviceUnreachable, match="did not answer in time"):
        device.read(TAGS)


def test_only_the_server_that_is_meant_is_believed(opened: Opened, freezer: Peer) -> None:
    with pytest.raises(DeviceUnreachable, match=f"another server answers: {SERVER}"):
        opened(freezer.port, server=str(uuid4())).read(TAGS)


def test_a_line_with_a_certificate(opened: Opened, tmp_path: Path) -> None:
    for secured in _running("tls"):
        (tmp_path / "ca.pem").write_text(secured.ask("authority"))
        device = answering(opened(secured.port, insecure=False, authority="ca.pem"))
        assert shown(device)["programme"].value == 12.5


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"insecure": False}, "say that the line is insecure"),
        (
            {"tags": {"gas": {"property": "FreezerController.Probe", "unit": "%"}}},
            "freezer has no tag gas",
        ),
        ({"commands": {"hold": {"command": "Hold"}}}, "commands"),
        ({"mode": {"property": "FreezerController.State", "values": {"boil": "Boiling"}}}, "has no state boil"),
    ],
)
def test_a_map_that_cannot_be_meant_is_a_reason(
    opened: Opened, freezer: Peer, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DeviceUnreachable, match=reason):
        opened(freezer.port, **changed).read(TAGS)


def test_a_property_that_is_not_there_is_a_reason(opened: Opened, freezer: Peer) -> None:
    tags = {"programme": {"property": "FreezerController.Progress", "unit": "%"}}
    with pytest.raises(DeviceUnreachable, match=r"the server has no FreezerController\.Progress"):
        opened(freezer.port, tags=tags).read(TAGS)


@pytest.mark.django_db
def test_the_commissioning_check_reads_every_tag_and_moves_it_to_the_safe_state(
    site: Site, sven: User, freezer: Peer, tmp_path: Path
) -> None:
    maps = tmp_path / site.code / "sila"
    maps.mkdir(parents=True)
    (maps / "crf.yaml").write_text(yaml.safe_dump(FREEZER | {"port": freezer.port}))
    unit = given.new_unit(site, "controlled_rate_freezer", "CRF-1", adapter="sila", address="crf.yaml")
    gateway = given.gateway(site, tmp_path)
    until(lambda: gateway.adapters[unit.code].read(TAGS))
    check = services.request_check(actor=sven, unit=unit)

    def reported() -> CheckReport | None:
        gateway.sweep()
        return CheckReport.objects.filter(check_of=check).first()

    report = until(reported)
    gateway.close()
    assert {line["what"]: line["found"] for line in report.lines if line["outcome"] != "passed"} == {}
    assert freezer.ask("told") == [["Hold", {"Hold": 4.0}], ["Stop", {}]]


@pytest.mark.parametrize("order", [["sparkplug.payload", "sila.line"], ["sila.line", "sparkplug.payload"]])
def test_one_gateway_speaks_it_beside_sparkplug(order: list[str]) -> None:
    """Both are built on protobuf, of which a process has one implementation."""
    lines = "\n".join(f"import equipment.adapters.{module}" for module in order)
    subprocess.run([sys.executable, "-c", lines], check=True)
