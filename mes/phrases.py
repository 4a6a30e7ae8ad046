"""What a person may read in their own language, and what is kept in English for everybody."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext


class Phrase(str):
    """A sentence with its values: `Phrase("Scan a lot of {code}.", code=need.code)`.

    As a str it is English. Whatever records, signs, prints or exports it therefore writes English, whoever acted; only
    `shown` puts it into the language of the page. A value that has a language itself, such as the name of a state, is
    given as a Phrase. A change that makes an ordinary str of it (`+`, `.lower()`) makes it English for good.
    """

    pattern: str
    values: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **values: object) -> "Phrase":
        plain = {
            name: value if isinstance(value, (str, int, Decimal)) else str(value) for name, value in values.items()
        }
        phrase = super().__new__(cls, pattern.format(**plain) if plain else pattern)
        phrase.pattern, phrase.values = pattern, plain
        return phrase


def shown(text: str) -> str:
    """The words in the language of the page. Words of ours without values need not be a Phrase: they are looked up."""
    if not text:
        return ""  # gettext answers the empty string with the head of its catalogue
    if not isinstance(text, Phrase):
        return gettext(text)
    pattern = gettext(text.pattern)
    values = {name: shown(value) if isinstance(value, Phrase) else value for name, value in text.values.items()}
    return pattern.format(**values) if values else pattern
