"""What a reader of instrument files is given, and what it gives back. Nothing here knows Django.

A reader takes values as the instrument wrote them, with the unit the file names. It takes all of a file or none of it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO

MOST_RUNS = 2000
MOST_VALUES = 500
LONGEST_ID = 200


class Unreadable(Exception):
    """The file is not what it should be; the message says what is wrong, and the file is quarantined with it."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: `value` is an exact decimal, with "<" or ">" before it where it is a bound.

    `unit` is "" for a pure number, and None where the file names no unit: then a person says it. `note` is the
    instrument's own flag on this value.
    """

    name: str
    value: str
    unit: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What one file says of one sample. `measured_at` and `operator` stay the words of the file.

    Nobody vouches for those. `warning` is what the instrument says is wrong with the run.
    """

    sample_id: str
    values: Sequence[Value]
    measured_at: str = ""
    operator: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The bytes of a file, and its text where it is one."""

    content: bytes
    text: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", decoded(self.content))

    def lines(self) -> list[str]:
        return self.text.splitlines()


@dataclass(frozen=True, slots=True)
class Reader:
    """One form of file: how to tell it by its content, and how to read it. `name` is what specifications call it."""

    name: str
    title: str
    recognises: Callable[[Dropped], bool]
    read: Callable[[Dropped], list[Run]]


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with or without a mark, or Windows' Western code page; "" for what is no text."""
    for encoding in _likely_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "" if "\0" in text else text.removeprefix("\ufeff")
    return ""


def _likely_encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = content[:400]
    if head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    if head[0::2].count(0) > len(head) // 4:
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d{1,3})?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})")


def number(text: str, *, what: str) -> str:
    """The exact decimal of a cell, kept with its bound: `<0,5` is `<0.5`, `274 000` is `274000`. Unreadable otherwise.

    `1,234` may be a thousand or one and a bit: nobody knows, so it is refused.
    """
    cell = text.strip()
    bound = cell[0] if cell[:1] in ("<", ">") else ""
    plain = _SPACES.sub("", cell.removeprefix(bound).strip())
    if not _NUMBER.fullmatch(plain):
        raise Unreadable(f"{what}: “{cell[:40]}” is not a number.")
    if _AMBIGUOUS.fullmatch(plain):
        raise Unreadable(f"{what}: “{cell[:40]}” has a comma that may mean thousands or decimals.")
    return bound + plain.replace(",", ".")


def millions(value: str) -> str:
    """A number that a file gives in millions, as itself: 0.75 is 7.5E+5. No digit is added or lost."""
    bound = value[0] if value[:1] in ("<", ">") else ""
    return f"{bound}{Decimal(value.removeprefix(bound)).scaleb(6)}"


def table(dropped: Dropped, *needed: str) -> Iterator[dict[str, str]]:
    """The rows of a table with a header, by column; separated by comma, semicolon or tab, whichever splits the header.

    A row that is shorter or longer than the header is the mark of a file that is not whole.
    """
    delimiter = delimiter_of(dropped, *needed)
    rows = csv.reader(StringIO(dropped.text), delimiter=delimiter or ",", strict=True)
    try:
        names = [name.strip() for name in next(rows)]
        _each_once(names)
        for place, row in enumerate(rows, start=2):
            if any(cell.strip() for cell in row):
                if len(row) != len(names):
                    raise Unreadable(f"Line {place} has {len(row)} cells, the header has {len(names)}.")
                yield {name: cell.strip() for name, cell in zip(names, row, strict=True)}
    except csv.Error as error:
        raise Unreadable(f"The table is broken: {error}.") from error


def delimiter_of(dropped: Dropped, *needed: str) -> str:
    """What separates the cells of the header that has these columns; "" when the file has no such header."""
    header = next(iter(dropped.lines()), "")
    for delimiter in (",", ";", "\t"):
        names = [cell.strip().strip('"') for cell in header.split(delimiter)]
        if all(name in names for name in needed):
            return delimiter
    return ""


def _each_once(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Unreadable(f"The header names {twice[0]} twice.")


def pairs(dropped: Dropped, separator: str) -> dict[str, str]:
    """The lines `name separator value` of a report; Unreadable when one name stands there twice with two values."""
    found: dict[str, str] = {}
    for line in dropped.lines():
        name, mark, rest = line.partition(separator)
        key, value = name.strip(), rest.strip().strip(";").strip()
        if mark and key and found.setdefault(key, value) != value:
            raise Unreadable(f"“{key[:40]}” stands there twice with two values.")
    return found


def cell(row: dict[str, str], name: str) -> str:
    """A cell that must be there; Unreadable when it is not."""
    if not row.get(name):
        raise Unreadable(f"“{name}” is missing.")
    return row[name]
