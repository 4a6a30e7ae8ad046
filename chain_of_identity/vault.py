"""The lock on personal data: AES-256-GCM, with the key named beside the box and the box bound to its owner."""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mes.errors import MesError

_NONCE_BYTES = 12


class VaultLocked(MesError):
    """The key is missing, or the box was changed or moved to another owner."""

    code = "vault_locked"
    status = 500


@dataclass(frozen=True)
class PersonalData:
    """What only the vault knows of a person."""

    name: str
    birth_date: date
    hospital_number: str


@dataclass(frozen=True)
class Sealed:
    """Personal data as stored: which key, and nonce and ciphertext in base64."""

    key_id: str
    box: str


class Vault:
    """Keys are written `name:base64 of 32 bytes`. The first one locks; all of them unlock."""

    def __init__(self, keys: Sequence[str]) -> None:
        pairs = [key.partition(":") for key in keys]
        self._keys = {name: AESGCM(base64.b64decode(secret)) for name, _, secret in pairs}
        if not self._keys:
            raise VaultLocked("The vault has no key. Set VAULT_KEYS.")
        self._first = pairs[0][0]

    def seal(self, data: PersonalData, *, owner: str) -> Sealed:
        plain = json.dumps(asdict(data) | {"birth_date": data.birth_date.isoformat()}, ensure_ascii=False)
        nonce = os.urandom(_NONCE_BYTES)
        locked = self._keys[self._first].encrypt(nonce, plain.encode(), owner.encode())
        return Sealed(self._first, base64.b64encode(nonce + locked).decode())

    def open(self, sealed: Sealed, *, owner: str) -> PersonalData:
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise VaultLocked("The key of this entry is not in VAULT_KEYS.", key_id=sealed.key_id)
        raw = base64.b64decode(sealed.box)
        try:
            plain = json.loads(key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()))
        except InvalidTag as error:
            raise VaultLocked("This entry was changed outside the vault.", key_id=sealed.key_id) from error
        return PersonalData(**plain | {"birth_date": date.fromisoformat(plain["birth_date"])})
