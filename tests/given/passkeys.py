"""An authenticator in software: what a security key or a tablet does, with every answer made by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from webauthn.helpers import bytes_to_base64url

from mes.accounts.models import Passkey, User
from mes.accounts.passkeys import keys
from mes.accounts.passkeys.proof import Answer
from tests.given.people import PASSWORD

PRESENT, VERIFIED, ATTESTED = 1, 4, 64
Json = dict[str, Any]


@dataclass
class Authenticator:
    """One key pair. `origin`, `flags` and `count` are what it says of itself; a test may let it say anything."""

    origin: str = field(default_factory=lambda: settings.PASSKEY_ORIGINS[0])
    flags: int = PRESENT | VERIFIED
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: Json) -> Answer:
        """The answer to a registration."""
        point = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        known = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + known}
        client = self._client("webauthn.create", asked)
        response = {"clientDataJSON": client, "attestationObject": cbor2.dumps(attestation)}
        return self._answer(asked, response)

    def prove(self, asked: Json) -> Answer:
        """The answer to a question at sign-in or signing: it counts, and it signs."""
        self.count += 1
        client, data = self._client("webauthn.get", asked), self._data()
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(asked, {"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _client(self, kind: str, asked: Json) -> bytes:
        facts = {"type": kind, "challenge": asked["options"]["challenge"], "origin": self.origin}
        return json.dumps(facts).encode()

    def _data(self, more: int = 0) -> bytes:
        return (
            sha256(settings.PASSKEY_DOMAIN.encode()).digest()
            + bytes([self.flags | more])
            + self.count.to_bytes(4, "big")
        )

    def _answer(self, asked: Json, response: dict[str, bytes]) -> Answer:
        name = bytes_to_base64url(self.credential_id)
        written = {part: bytes_to_base64url(value) for part, value in response.items()}
        return Answer(asked["challenge"], {"id": name, "rawId": name, "type": "public-key", "response": written})


def a_passkey(user: User, label: str = "blue key") -> tuple[Authenticator, Passkey]:
    """The user's new passkey, and what answers for it."""
    authenticator = Authenticator()
    asked = keys.begin_registration(user=user, password=PASSWORD)
    return authenticator, keys.register_passkey(user=user, answer=authenticator.make(asked), label=label)


def body(answer: Answer) -> Json:
    """The answer as it stands in a body."""
    return {"challenge": str(answer.challenge), "response": dict(answer.response)}
