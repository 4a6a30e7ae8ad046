"""The incubator behind node-opcua, and the map that reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from equipment.adapters.base import Adapter, Reading
from tests.equipment.peers import Peer

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
Opened = Callable[..., Adapter]
SECURITY = {"certificate": "baton.der", "key": "baton.pem", "server_certificate": "device.der"}


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


def certificate(directory: Path, name: str, uri: str = "urn:GRAZ:baton", *, to_sign: bool = True) -> bytes:
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
                digital_signature=to_sign, content_commitment=True, key_encipherment=True, data_encipherment=True, **use
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
