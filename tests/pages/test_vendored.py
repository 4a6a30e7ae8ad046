"""What others made is exactly what they published."""

import tomllib
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text())["vendored"]


def test_every_vendored_file_has_its_hash() -> None:
    listed = {f"{part['folder']}/{name}": digest for part in LISTED for name, digest in part["sha256"].items()}
    found = {
        str(path.relative_to(VENDOR)): sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.toml"
    }
    assert found == listed


def test_every_vendored_part_carries_its_licence() -> None:
    assert [part["folder"] for part in LISTED if "LICENSE" not in part["sha256"]] == []


def test_our_modules_stay_small() -> None:
    scripts = VENDOR.parent / "js"
    assert {each.name: each.stat().st_size for each in scripts.glob("*.js") if each.stat().st_size > 6500} == {}
