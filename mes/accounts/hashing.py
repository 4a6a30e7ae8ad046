"""How passwords and PINs are kept."""

from hashlib import sha256
from hmac import digest

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: the first choice of the OWASP Password Storage Cheat Sheet.

    Django's default (100 MiB, eight lanes) keeps an operator waiting a third of a second for each PIN on a small
    server, and a shift change could take its memory away.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1


class Pin(Argon2):
    """Six digits: what keeps them is a key that is not in the database, then Argon2id with 4 MiB and one pass.

    All million PINs are tried in hours however slow the hash, so a stolen database must not be enough: the PIN is keyed
    with SECRET_KEY first (a "pepper" in the same cheat sheet). Slowness would only keep everybody who signs waiting.
    When SECRET_KEY is exchanged, SECRET_KEY_FALLBACKS must name the old one for as long as PINs chosen under it are in
    use.
    """

    algorithm = "pin"
    memory_cost = 4 * 1024
    time_cost = 1

    def encode(self, password: str, salt: str) -> str:
        return super().encode(_keyed(password, settings.SECRET_KEY), salt)

    def verify(self, password: str, encoded: str) -> bool:
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return any(Argon2.verify(self, _keyed(password, key), encoded) for key in keys)


def _keyed(pin: str, key: str) -> str:
    return digest(key.encode(), b"baton pin " + pin.encode(), sha256).hex()
