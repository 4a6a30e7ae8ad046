"""How identifiers are drawn: by lot, from signs that cannot be mistaken for each other and cannot spell a name."""

import re
import secrets
from collections.abc import Iterable
from string import ascii_uppercase

from chain_of_identity import isbt
from mes.errors import InvalidInput

# No vowels (no words, no names), no 0/O, 1/I/L, 5/S, 8/B, 2/Z: read aloud or hand-written they stay apart.
ALPHABET = "CDFGHJKMNPQRTVWXY34679"

_SHORTEST_TELLING = 3  # a run of two signs is in half of all codes and points at nobody


def draw_chain_identifier(*, facility: str, year: int, personal: Iterable[str] = ()) -> str:
    """`CH` + facility + year + six drawn signs (ISBT 128 structure 040). Holds nothing of `personal` data."""
    if not isbt.is_facility(facility):
        raise InvalidInput("The site has no valid facility number.", facility=facility)
    prefix = f"CH{facility}{year % 100:02d}"
    telling = telling_parts(personal)
    while True:
        identifier = prefix + "".join(secrets.choice(ALPHABET) for _ in range(6))
        # What the prefix alone already holds (a facility number, a year) tells nothing about the person.
        if not any(part in identifier and part not in prefix for part in telling):
            return identifier


def telling_parts(personal: Iterable[str]) -> set[str]:
    """The words and numbers of personal data, as they could turn up inside an identifier."""
    words = {word for text in personal for word in re.split(r"[^0-9A-Z]+", text.upper())}
    joined = {re.sub(r"[^0-9A-Z]", "", text.upper()) for text in personal}
    return {part for part in words | joined if len(part) >= _SHORTEST_TELLING}


def short_form(chain_id: str) -> str:
    """The six drawn signs as people say them: `KX7-2D4`."""
    return f"{chain_id[-6:-3]}-{chain_id[-3:]}"


def container_label(chain_id: str, index: int) -> str:
    """The label of the order's n-th container (from 0): `KX7-2D4-A` … `-Z`, `-AA` …"""
    return f"{short_form(chain_id)}-{letters(index)}"


def letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA, as the columns of a sheet."""
    name = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        name = ascii_uppercase[rest] + name
        index -= 1
    return name


def draw_pseudonym() -> str:
    """What everybody outside the vault calls the patient: `P-` and eight drawn signs."""
    return "P-" + "".join(secrets.choice(ALPHABET) for _ in range(8))
