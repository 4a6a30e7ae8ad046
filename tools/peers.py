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


def main() -> int:
    lock = (LISTED / "package-lock.json").read_bytes()
    mark = INSTALLED / "installed.json"
    if mark.exists() and mark.read_bytes() == lock:
        return 0
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LISTED / name, INSTALLED / name)
    print("Installing the devices the tests speak with into var/peers …", flush=True)
    done = subprocess.run(NPM_CI, cwd=INSTALLED, check=False)
    if done.returncode == 0:
        mark.write_bytes(lock)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
