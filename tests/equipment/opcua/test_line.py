"""A secured line to the device, and how a device is found."""

from __future__ import annotations

from base64 import b64encode
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.core.management import CommandError, call_command

from equipment.adapters.base import Command, DeviceUnreachable
from equipment.adapters.opcua.tag_map import TagMap
from tests.equipment.opcua.device import (
    SECURITY,
    Opened,
    certificate,
    node,
    on,
    shown,
)
from tests.equipment.peers import Peer


@pytest.mark.parametrize("mode", ["sign", "sign_and_encrypt"])
@pytest.mark.usefixtures("certified")
def test_a_user_with_a_password_is_let_in_over_a_secured_line(opened: Opened, mode: str) -> None:
    security = SECURITY | {"mode": mode}
    device = opened(security=security, user={"name": "baton", "password": "a secret"})
    assert shown(device)["temperature"] == (37.0, "good")
    assert device.command(Command(uuid4(), "incubate")).accepted
    with pytest.raises(DeviceUnreachable, match=r"BadUserAccessDenied|BadIdentityTokenRejected"):
        opened(security=security, user={"name": "baton", "password": "a guess"}).read(["co2"])


def test_a_user_with_a_certificate_is_let_in(incubator: Peer, opened: Opened, certified: bytes) -> None:
    incubator.ask("trust", certificate=b64encode(certified).decode())
    user = {"certificate": "baton.der", "key": "baton.pem"}
    assert shown(opened(security=SECURITY | {"mode": "sign_and_encrypt"}, user=user))["co2"] == (5.0, "good")


@pytest.mark.usefixtures("certified")
def test_another_device_in_its_place_is_not_spoken_with(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "device.der").write_bytes(certificate(tmp_path, "other"))
    with pytest.raises(DeviceUnreachable):
        opened(security=SECURITY | {"mode": "sign"}).read(["co2"])


def test_a_certificate_that_is_missing_or_names_nobody_is_silence(opened: Opened, tmp_path: Path) -> None:
    device = opened(security=SECURITY | {"mode": "sign"})
    with pytest.raises(DeviceUnreachable, match=r"baton\.der"):
        device.read(["co2"])
    certificate(tmp_path, "baton", uri="")
    with pytest.raises(DeviceUnreachable, match="names no application"):
        device.read(["co2"])


@pytest.mark.usefixtures("certified")
def test_a_certificate_the_device_does_not_take_is_told_as_such(opened: Opened, tmp_path: Path) -> None:
    certificate(tmp_path, "baton", to_sign=False)
    with pytest.raises(DeviceUnreachable, match="may not trust our certificate"):
        opened(security=SECURITY | {"mode": "sign_and_encrypt"}).read(["co2"])


# --- discovery ---------------------------------------------------------------------------------------------------


def discovered(endpoint: str, **options: Any) -> str:
    told = StringIO()
    call_command("discover_opcua", endpoint, stdout=told, **options)
    return told.getvalue()


def test_a_device_is_found_and_a_tag_map_drafted(incubator: Peer) -> None:
    endpoint = f"opc.tcp://127.0.0.1:{incubator.port}"
    told = discovered(endpoint)
    assert told.startswith("# Peer Works, Chamber 160, PW-0042, 2.4\n")
    assert TagMap.model_validate(yaml.safe_load(told)) == TagMap.model_validate(
        {
            "endpoint": endpoint,
            "device": node("Incubator"),
            "tags": {
                "temperature": {"node": node("Temperature"), "unit": "°C"},
                "co2": {"node": node("CO2"), "unit": "%"},
                "humidity": {"node": node("Humidity"), "unit": "%"},
            },
            "setpoints": {
                "temperature_setpoint": {"node": node("TemperatureSetpoint"), "unit": "°C"},
                "co2_setpoint": {"node": node("CO2Setpoint"), "unit": "%"},
                "humidity_setpoint": {"node": node("HumiditySetpoint"), "unit": "%"},
            },
        }
    )
    assert f"#   Chamber/Mode: '{node('Mode')}'  # Int32, may be written, now 0\n" in told
    assert f"#   Chamber/Start: {{object: '{node('Chamber')}', method: '{node('Start')}'}}" in told


@pytest.mark.usefixtures("certified")
def test_discovery_goes_over_a_secured_line_as_a_map_tells(incubator: Peer, tmp_path: Path) -> None:
    user = {"name": "baton", "password": "a secret"}
    map_file = tmp_path / "device.yaml"
    map_file.write_text(yaml.safe_dump(on(incubator, security=SECURITY | {"mode": "sign"}, user=user)))
    assert "PW-0042" in discovered(f"opc.tcp://127.0.0.1:{incubator.port}", map=map_file)


@pytest.mark.parametrize(
    ("endpoint", "message"), [("opc.tcp://127.0.0.1:9", "does not answer"), ("http://127.0.0.1", "endpoint")]
)
def test_discovery_says_what_is_wrong(endpoint: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        discovered(endpoint)
