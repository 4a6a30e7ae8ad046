"""OPC UA, spoken with a LADS device by node-opcua that has its own reading of the protocol."""

from __future__ import annotations

import signal
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import CommandError, call_command

from equipment.adapters.base import Adapter, Command, Connection, DeviceUnreachable, Identity, Reading
from equipment.adapters.opcua import open_opcua
from equipment.adapters.opcua.tag_map import TagMap
from equipment.models import Unit
from equipment.queries import live_values
from mes.accounts.models import Site
from tests.equipment.peers import Peer, running
from tests.given import equipment as given

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = "nsu=urn:baton:test:incubator"
NUMBERS = {
    "Temperature": 37,
    "CO2": 5,
    "Humidity": 85,
    "TemperatureSetpoint": 30,
    "CO2Setpoint": 0,
    "HumiditySetpoint": 0,
    "Mode": 0,
}


def node(name: str) -> str:
    return f"{OWN};s={name}"


INCUBATOR: dict[str, Any] = {
    "timeout": 1,
    "sampling": 0,
    "tags": {
        "temperature": {"node": node("Temperature"), "unit": "°C", "high": 50},
        "co2": {"node": node("CO2"), "unit": "%"},
        "humidity": {"node": node("Humidity"), "unit": "%"},
    },
    "setpoints": {
        "temperature": {"node": node("TemperatureSetpoint"), "unit": "°C", "low": 20, "high": 45},
        "co2": {"node": node("CO2Setpoint"), "unit": "%"},
    },
    "mode": {"node": node("Mode"), "values": {"idle": 0, "incubate": 3}},
    "last_command": node("LastCommand"),
}
START = {"object": node("Chamber"), "method": node("Start"), "arguments": ["temperature", "co2", "command"]}


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


Opened = Callable[..., Adapter]


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


def on(peer: Peer, **changed: Any) -> dict[str, Any]:
    return INCUBATOR | {"endpoint": f"opc.tcp://127.0.0.1:{peer.port}"} | changed


def shown(device: Adapter) -> dict[str, tuple[float | None, str]]:
    return {each.tag: (each.value, str(each.quality)) for each in device.read(["temperature", "co2", "humidity"])}


def heard(device: Adapter, tag: str, until: float | None) -> list[Reading]:
    """Every reading of the tag until the one with this value, which the device tells on its own."""
    readings: list[Reading] = []
    while not readings or readings[-1].value != until:
        readings += device.read([tag])
    return readings


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


# --- security ----------------------------------------------------------------------------------------------------

SECURITY = {"certificate": "baton.der", "key": "baton.pem", "server_certificate": "device.der"}


def certificate(directory: Path, name: str, uri: str = "urn:GRAZ:baton") -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Baton")])
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)] if uri else [x509.DNSName("localhost")])
    use = dict.fromkeys(("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True, **use
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    der = made.public_bytes(serialization.Encoding.DER)
    (directory / f"{name}.der").write_bytes(der)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (directory / f"{name}.pem").write_bytes(pem)
    return der


@pytest.fixture
def certified(incubator: Peer, tmp_path: Path) -> bytes:
    (tmp_path / "device.der").write_bytes(b64decode(incubator.ask("certificate")))
    return certificate(tmp_path, "baton")


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
