"""Install the devices of tests/peers into var/peers: exactly what the lock names, by hash, without its programs run.

Usage: python tools/peers.py
"""

import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
LISTED = BASE / "tests" / "peers"
INSTALLED = BASE / "var" / "peers"
# The serial line is an optional part of modbus-serial that would be compiled here; nothing of ours uses it.
NPM_CI = ["npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]


# What they stand on is installed for Baton itself.
PIP_INSTALL = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
PIP_INSTALL += ["--no-deps", "--only-binary", ":all:", "--upgrade", "--target", "python", "-r", "requirements.txt"]
LOCKS = ("package-lock.json", "requirements.txt")


def main() -> int:
    lock = b"".join((LISTED / name).read_bytes() for name in LOCKS)
    mark = INSTALLED / "installed.json"
    if mark.exists() and mark.read_bytes() == lock:
        return 0
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", *LOCKS):
        shutil.copy(LISTED / name, INSTALLED / name)
    print("Installing the devices the tests speak with into var/peers …", flush=True)
    failed = [subprocess.run(each, cwd=INSTALLED, check=False).returncode for each in (NPM_CI, PIP_INSTALL)]
    if not any(failed):
        mark.write_bytes(lock)
    return max(failed)


if __name__ == "__main__":
    sys.exit(main())
