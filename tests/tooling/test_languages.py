"""Every word of a translated page has its German and its French."""

import ast
import re
from pathlib import Path

import pytest

from tools import catalogues

SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
VALUES = re.compile(r"\{\w+\}|%\(\w+\)s")

languages = pytest.mark.parametrize("language", catalogues.PLURALS)


@languages
def test_every_word_is_translated_and_no_other_is_kept(language: str) -> None:
    kept = {(entry.msgid, entry.msgid_plural) for entry in catalogues.catalogue(language)}
    said = catalogues.words()
    assert {"add it by `python -m tools.catalogues`": sorted(said - kept)} == {
        "add it by `python -m tools.catalogues`": []
    }
    assert sorted(kept - said) == []
    assert [entry.msgid for entry in catalogues.catalogue(language) if not entry.translated()] == []


@languages
def test_a_translation_tells_the_same_values(language: str) -> None:
    for entry in catalogues.catalogue(language):
        for said in (entry.msgstr, *entry.msgstr_plural.values()):
            if said:
                assert set(VALUES.findall(said)) == set(VALUES.findall(entry.msgid)), said


def test_scripts_say_whole_sentences_that_can_be_found() -> None:
    loose = {path.name: re.findall(r"\bt\((?![\"]).{0,40}", path.read_text()) for path in SCRIPTS.glob("*.js")}
    assert {name: found for name, found in loose.items() if found} == {}


def test_what_an_operator_is_refused_can_be_said_in_their_language() -> None:
    """A value inside makes it a Phrase: an f-string is English for everybody."""
    found = {
        f"{path}:{refusal.lineno}"
        for path in catalogues.REFUSALS
        for node in ast.walk(ast.parse((catalogues.ROOT / path).read_text()))
        if (refusal := catalogues.refusal(node)) and any(isinstance(each, ast.JoinedStr) for each in refusal.args)
    }
    assert found == set()
    said = {text for text, _ in catalogues.words()}
    assert {"The two readings differ. Read again together.", "You are on this step already."} <= said
