"""What is installed is what was reviewed: every file by hash, from whatever index the site trusts."""

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
