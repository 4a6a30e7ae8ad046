"""The words that a page says by its scripts: every `t("…")` of a module and of what it imports, at once or later."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

SCRIPTS = Path(settings.BASE_DIR, "static", "js")
_WORDS = re.compile(r'\bt\("([^"\\]+)"')
_IMPORT = re.compile(r'(?:^import (?:.*? from )?|\bimport\()"\./([\w-]+\.js)"', re.MULTILINE)


@cache
def words_of(modules: Sequence[str]) -> tuple[str, ...]:
    """The English words of the modules (`run.js`) and of all they import, each once."""
    return tuple(sorted({text for name in _with_imports(modules) for text in _WORDS.findall(_source(name))}))


def _with_imports(modules: Sequence[str]) -> Iterator[str]:
    waiting, known = list(modules), set(modules)
    while waiting:
        name = waiting.pop()
        yield name
        new = set(_IMPORT.findall(_source(name))) - known
        known |= new
        waiting += new


def _source(name: str) -> str:
    return Path(f"{SCRIPTS}/{name}").read_text(encoding="utf-8")  # a name out of a template is not quite a str
