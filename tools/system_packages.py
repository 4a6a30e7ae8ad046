"""Libraries and programs that no wheel carries: install them when we may, else say how.

Usage: python tools/system_packages.py run [test] [peers]
"""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """`apt` names a package, or several of which the first that apt knows is taken: “one | other”."""

    what: str
    present: Callable[[], bool]
    apt: str
    brew: str


def library(*names: str) -> Callable[[], bool]:
    return lambda: any(ctypes.util.find_library(name) or _loads(name) for name in names)


def program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _faketime() -> bool:
    return any(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")) or shutil.which("faketime") is not None


PDF = "PDF documents (WeasyPrint)"
# The first needs a third of the others' time: it is nothing but a page.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NEEDS = {
    "run": [
        Need(PDF, library("pango-1.0", "libpango-1.0.so.0"), "libpango-1.0-0", "pango"),
        Need(PDF, library("pangoft2-1.0", "libpangoft2-1.0.so.0"), "libpangoft2-1.0-0", "pango"),
        Need(PDF, library("harfbuzz-subset", "libharfbuzz-subset.so.0"), "libharfbuzz-subset0", "harfbuzz"),
    ],
    "test": [
        Need("browser tests", program(*BROWSERS), "chromium-headless-shell | chromium", "--cask chromium"),
    ],
    "peers": [
        Need("devices the tests speak with (tests/peers)", program("node"), "nodejs", "node"),
        Need("devices the tests speak with (tests/peers)", program("npm"), "npm", "node"),
        Need(
            "devices the tests speak with (tests/peers)", library("modbus", "libmodbus.so.5"), "libmodbus5", "libmodbus"
        ),
        Need("the pooler of the tests", program("pgbouncer", "/usr/sbin/pgbouncer"), "pgbouncer", "pgbouncer"),
        Need("a wrong clock for the tests", _faketime, "faketime", "libfaketime"),
        Need("the MQTT broker of the tests", program("mosquitto", "/usr/sbin/mosquitto"), "mosquitto", "mosquitto"),
    ],
}


def main(purposes: list[str]) -> int:
    missing = [need for purpose in purposes for need in NEEDS[purpose] if not need.present()]
    if not missing:
        return 0
    for_what = ", ".join(sorted({need.what for need in missing}))
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing system packages for {for_what} …", flush=True)
        return _install_with_apt([need.apt for need in missing])
    print(f"System packages are missing for {for_what}. Run:\n\n    {_command(missing)}\n", file=sys.stderr)
    return 1


def _install_with_apt(packages: list[str]) -> int:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qy", "--no-install-recommends"]
    for command, names in ((["apt-get", "update", "-q"], []), (install, packages)):
        known = [_first_known(each) for each in names]
        done = subprocess.run([*command, *known], env=environment, check=False, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            print(f"This failed; run it by hand: {' '.join([*command, *known])}", file=sys.stderr)
            return done.returncode
    return 0


def _first_known(package: str) -> str:
    """The first of “one | other” that apt knows; the last one where it knows none."""
    names = package.split(" | ")
    return next((name for name in names if _is_known(name)), names[-1])


def _is_known(name: str) -> bool:
    return subprocess.run(["apt-cache", "show", name], check=False, capture_output=True).returncode == 0


def _command(missing: list[Need]) -> str:
    if sys.platform == "darwin":
        return "brew install " + " ".join(dict.fromkeys(need.brew for need in missing))
    return "sudo apt-get install --no-install-recommends " + " ".join(need.apt.split(" | ")[-1] for need in missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
