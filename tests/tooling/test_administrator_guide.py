"""The guide lists what the settings read, no more and no less."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_lists_every_name_of_the_environment() -> None:
    guide = (ROOT / "docs" / "administrator.md").read_text()
    table = guide.partition("## Environment")[2].partition("\n## ")[0]
    settings = (ROOT / "mes" / "settings.py").read_text()
    listed = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    assert listed == set(re.findall(r'env(?:\.\w+)?\(\s*"(\w+)"', settings))
