"""The settings of a Baton on one machine: secrets made up once, and written down where manage.py reads them."""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from mes.embedded.processes import kept, write_closed

# What manage.py in a second terminal needs to work on the same installation.
SHARED = (
    "BATON_SECRET_KEY",
    "BATON_VAULT_KEYS",
    "BATON_TLS",
    "BATON_PUBLIC_ADDRESS",
    "BATON_STATIC_STORAGE",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
)

ON_ONE_MACHINE = {
    "BATON_TLS": "0",
    # Compressing the static files takes longer than everything else at the first start.
    "BATON_STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
}


def installation(var: Path) -> dict[str, str]:
    """What the environment does not say already. Losing secrets.json loses the names in the patient vault."""
    secret = kept(
        var / "secrets.json",
        {
            "BATON_SECRET_KEY": secrets.token_urlsafe(48),
            "BATON_VAULT_KEYS": f"first:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        },
    )
    return secret | ON_ONE_MACHINE | dict(os.environ)


def write_environment(file: Path, environment: Mapping[str, str]) -> None:
    write_closed(file, "".join(f"{name}={environment[name]}\n" for name in SHARED if name in environment))
