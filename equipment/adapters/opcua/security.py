"""How an OPC UA device is spoken with: who we are, who it is, and who may listen. Files lie beside the tag map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from pydantic import SecretStr

from equipment.adapters.mapped import Part

if TYPE_CHECKING:
    from asyncua import Client


class Security(Part):
    """Basic256Sha256. Only the device with `server_certificate` is spoken with: nobody else can take its place."""

    mode: Literal["sign", "sign_and_encrypt"]
    certificate: str
    key: str
    server_certificate: str


class NamedUser(Part):
    name: str
    password: SecretStr


class CertificateUser(Part):
    certificate: str
    key: str


User = NamedUser | CertificateUser


async def secure(client: Client, security: Security, directory: Path) -> None:
    from asyncua import ua
    from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
    from asyncua.crypto.uacrypto import load_certificate

    modes = {"sign": ua.MessageSecurityMode.Sign, "sign_and_encrypt": ua.MessageSecurityMode.SignAndEncrypt}
    own = _file(directory, security.certificate)
    client.application_uri = _named_in(await load_certificate(own))
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        own,
        _file(directory, security.key),
        server_certificate=str(_file(directory, security.server_certificate)),
        mode=modes[security.mode],
    )


async def identify_as(client: Client, user: User, directory: Path) -> None:
    if isinstance(user, NamedUser):
        client.set_user(user.name)
        client.set_password(user.password.get_secret_value())
    else:
        await client.load_client_certificate(str(_file(directory, user.certificate)))
        await client.load_private_key(_file(directory, user.key))


def _named_in(certificate: x509.Certificate) -> str:
    """A server compares the name we give with the one in our certificate."""
    names = [each.value for each in certificate.extensions if isinstance(each.value, x509.SubjectAlternativeName)]
    found = [name for each in names for name in each.get_values_for_type(x509.UniformResourceIdentifier)]
    if not found:
        raise ValueError("Our certificate names no application: it has no URI among its other names.")
    return found[0]


def _file(directory: Path, name: str) -> Path:
    return directory / Path(name).name
