"""The secrets of webhooks: made here, encrypted with a key derived from SECRET_KEY, opened only to sign.

Whoever has both the database and SECRET_KEY can read them; one of the two alone is not enough. When SECRET_KEY is
exchanged, SECRET_KEY_FALLBACKS must name the old one for as long as subscriptions made under it are in use.
"""

import base64
import os

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from mes.outbox.errors import NotDelivered

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: whsec_ and the base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(os.urandom(_BYTES)).decode()


def locked(secret: str) -> str:
    return _locks().encrypt(secret.encode()).decode()


def key_in(stored: str) -> bytes:
    """The signing key. NotDelivered when SECRET_KEY is another one than when the secret was made."""
    try:
        secret = _locks().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise NotDelivered("The secret cannot be opened: SECRET_KEY was exchanged. Subscribe anew.") from None
    return base64.b64decode(secret.removeprefix(PREFIX))


def _locks() -> MultiFernet:
    return MultiFernet([_lock(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _lock(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"baton webhook secrets").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
