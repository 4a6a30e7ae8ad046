"""The Ed25519 key that signs checkpoints. Its public half is what an outsider needs to verify."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


def make_key(path: Path) -> None:
    """Write a new private key, readable by its owner only. Never overwrites one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


@lru_cache(maxsize=4)
def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return key


def private_key() -> Ed25519PrivateKey:
    """The site installation's sealing key; made on first use."""
    path: Path = settings.SEAL_KEY_FILE
    if not path.exists():
        with suppress(FileExistsError):  # another process was a moment faster: its key is the key
            make_key(path)
    return _read(path)


def public_key_hex() -> str:
    """The public key as 64 hexadecimal digits."""
    return private_key().public_key().public_bytes_raw().hex()
