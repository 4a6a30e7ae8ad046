"""What the documents point to is there: files, headings, pictures; and every picture says in words what it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def links(page: Path) -> Iterator[tuple[bool, str, str]]:
    """(is a picture, words, target) of every link that stays in the repository."""
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for mark, words, target in LINK.findall(text):
        if "://" not in target:
            yield mark == "!", words, target


def anchors(page: Path) -> set[str]:
    """Headings as the names by which they are linked."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for _, _, target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_has_words(page: Path) -> None:
    assert [target for is_picture, words, target in links(page) if is_picture and not words.strip()] == []
