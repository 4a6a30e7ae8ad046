"""Production's settings with the secrets, places and speed of a test run."""

import os
import tempfile

os.environ.update(
    BATON_SECRET_KEY="only-for-tests-" + "x" * 50,
    BATON_VAULT_KEYS="tests:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    BATON_DATA_DIR=tempfile.mkdtemp(prefix="baton-tests-data-"),
    BATON_STATIC_STORAGE="django.contrib.staticfiles.storage.StaticFilesStorage",
    BATON_TLS="0",
)

from mes.settings import *  # noqa: F403 - Django reads settings from one module

PASSWORD_HASHERS = ["tests.passwords.QuickArgon2", "mes.accounts.hashing.Pin"]
CLOCK_OF_THE_DATABASE = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
WHITENOISE_AUTOREFRESH = True  # looks for a file when it is asked for, not for all of them with every new client
