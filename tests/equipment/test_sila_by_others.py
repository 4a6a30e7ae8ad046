"""SiLA 2, spoken with the server of the SiLA consortium's own suite, which knows nothing of the library we use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from equipment.adapters.base import Command, DeviceState
from equipment.adapters.base import Connection as To
from equipment.adapters.sila import SilaAdapter, open_sila
from mes.embedded.processes import dying_with_us, free_port, wait_until
from tests.equipment.peers import INSTALLED
from tests.equipment.waiting import until

SUITE = "sila2_interop_communication_tester"
MAP: dict[str, Any] = {
    "host": "127.0.0.1",
    "insecure": True,
    "tags": {
        "temperature": {"property": "UnobservablePropertyTest.AnswerToEverything", "unit": "°C"},
        "humidity": {"property": "ObservablePropertyTest.FixedValue", "unit": "%"},
        "co2": {"property": "BasicDataTypesTest.RealValue", "unit": "%"},
    },
    "setpoints": {"temperature": {"property": "ObservablePropertyTest.Editable", "unit": "°C"}},
    "mode": {"property": "ObservablePropertyTest.Editable", "values": {"idle": 0, "incubate": 38}},
    "commands": {"incubate": {"command": "ObservablePropertyTest.SetValue", "parameters": {"Value": "temperature"}}},
}
Opened = Callable[..., SilaAdapter]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    place = INSTALLED / "python"
    assert (place / SUITE).is_dir(), f"{SUITE} is not installed; `make peers` installs it."
    port, directory = free_port(), tmp_path_factory.mktemp("suite")
    log = directory / "log"
    with log.open("wb") as told:
        running = subprocess.Popen(
            [*dying_with_us(), sys.executable, "-m", f"{SUITE}.test_server", "--server-address", f"127.0.0.1:{port}"],
            cwd=directory,
            env=os.environ | {"PYTHONPATH": str(place), "PYTHONUNBUFFERED": "1"},
            stdout=told,
            stderr=told,
        )
    try:
        wait_until(lambda: b"Server started" in log.read_bytes(), running, log)
        yield port
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def opened(port: int, tmp_path: Path) -> Iterator[Opened]:
    made: list[SilaAdapter] = []

    def make(**changed: Any) -> SilaAdapter:
        (tmp_path / "suite.yaml").write_text(yaml.safe_dump(MAP | {"port": port} | changed))
        now, interval = (lambda: datetime.now(UTC)), (lambda: timedelta(seconds=10))
        made.append(open_sila(To("INC-1", "incubator", "suite.yaml", now, interval, tmp_path, {})))
        until(made[-1].identify)
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_it_is_known_by_name_and_its_properties_are_read(opened: Opened) -> None:
    device = opened()
    assert device.identify().model == "TestServer"
    values = {each.tag: each.value for each in device.read(MAP["tags"])}
    assert values == {"temperature": 42, "humidity": 42, "co2": 3.1415926}


def test_a_command_is_told_in_whole_numbers_where_it_takes_those(opened: Opened) -> None:
    device = opened()
    assert device.command(Command(uuid4(), "incubate", {"temperature": 38})).accepted

    def arrived() -> DeviceState | None:
        state = device.state()
        return state if state.mode == "incubate" else None

    assert until(arrived).setpoints == {"temperature": 38}
    refused = device.command(Command(uuid4(), "incubate", {"temperature": 37.5}))
    assert (refused.accepted, refused.message) == (False, "Value takes whole numbers, not 37.5.")


def test_other_parameters_than_the_feature_declares_are_a_refusal(opened: Opened) -> None:
    order = {"command": "ObservablePropertyTest.SetValue", "parameters": {"Degrees": "temperature"}}
    refused = opened(commands={"incubate": order}).command(Command(uuid4(), "incubate", {"temperature": 37}))
    assert refused.message == "The parameters of the command are Value; the tag map tells Degrees."


def test_an_error_the_server_defines_is_a_refusal_in_its_words(opened: Opened) -> None:
    order = {"command": "ErrorHandlingTest.RaiseDefinedExecutionError"}
    refused = opened(commands={"idle": order}).command(Command(uuid4(), "idle"))
    assert (refused.accepted, refused.message) == (False, "SiLA2_test_error_message")
