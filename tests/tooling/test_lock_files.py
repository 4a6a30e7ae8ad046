"""What is installed is what was reviewed: every file by hash, from whatever index the site trusts."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def requirements(lock: str) -> list[str]:
    """One string for each requirement, its continuation lines joined."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_an_exact_version_and_a_hash(lock: str) -> None:
    assert len(requirements(lock)) > 50
    for requirement in requirements(lock):
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+]+ ", requirement), requirement
        assert "--hash=sha256:" in requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_names_no_index_host(lock: str) -> None:
    assert not re.search(r"https?://|--index-url|--find-links|--extra-index", (ROOT / lock).read_text())


def test_the_development_lock_installs_the_same_versions() -> None:
    def pinned(lock: str) -> set[str]:
        return {requirement.split()[0] for requirement in requirements(lock)}

    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_the_devices_the_tests_speak_with_are_locked_by_hash_and_name_no_host() -> None:
    lock = json.loads((ROOT / "tests" / "peers" / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert {name for name, each in packages.items() if not each.get("integrity", "").startswith("sha512-")} == set()
    assert {name for name, each in packages.items() if "resolved" in each} == set()
    asked = json.loads((ROOT / "tests" / "peers" / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
