"""What an exception says, as people read it: its own words in the language of the page, its values with their units.

What was written down when it was found stays as it was. This is made anew, from the same values, whenever it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from uuid import UUID

from batches.models import BatchException, CalculatedValue, Entry, ExceptionKind
from batches.policy import limits_text
from mes.phrases import Phrase
from mes.quantities import amount, readable
from recipes.document import Entry as EntrySpec

Value = Entry | CalculatedValue

_TWO_READINGS = re.compile(r"(?P<name>.+): (?P<first>\S+) and (?P<second>\S+)(?: (?P<unit>\S+))?")


def words_of(found: Iterable[BatchException]) -> dict[UUID, str]:
    """The words of each, by its id."""
    rows = list(found)
    values = _values(rows)
    return {each.pk: _words(each, values) for each in rows}


def _values(rows: list[BatchException]) -> dict[str, Value]:
    """The values and results the exceptions are about, by their ids."""
    about = [each for each in rows if each.kind in _OF_VALUES]
    ids = {each.data[name] for each in about for name in ("value", "first") if name in each.data}
    found: list[Value] = list(Entry.objects.filter(pk__in=ids).select_related("step")) if ids else []
    if len(found) < len(ids):
        found += CalculatedValue.objects.filter(pk__in=ids).select_related("step")
    return {str(each.pk): each for each in found}


def _words(found: BatchException, values: dict[str, Value]) -> str:
    if found.kind == ExceptionKind.DISAGREEMENT:
        return _read_differently(found.text)
    tell, value = _OF_VALUES.get(found.kind), values.get(found.data.get("value", ""))
    words = tell(value, values.get(found.data.get("first", ""))) if tell and value else None
    return words or readable(found.text)


def _judged(value: Value, first: Value | None) -> str | None:
    spec = _spec(value)
    if spec is None:
        return f"{_label(value)} {_said(value)}"
    return Phrase("{name} {value} · {limits}", name=spec.name, value=_said(value), limits=limits_text(spec))


def _corrected(value: Value, first: Value | None) -> str | None:
    if first is None or not isinstance(value, Entry):
        return None
    was, now, why = _said(first), _said(value), Phrase(value.reason)
    return Phrase("{name} {was} corrected to {now}: {why}", name=_label(value), was=was, now=now, why=why)


def _recalculated(value: Value, first: Value | None) -> str | None:
    if first is None:
        return None
    return Phrase("{name} {was} is now {now}", name=_label(value), was=_said(first), now=_said(value))


def _left_out(value: Value, first: Value | None) -> str | None:
    if not isinstance(value, Entry):
        return None
    return Phrase("{name} does not apply: {why}", name=_label(value), why=Phrase(value.reason))


def _read_differently(text: str) -> str:
    """“Clumps: yes and no; Density: 2.1 and 2.4 1E6/mL”: such exceptions name no values, and two people read them."""
    found = [_TWO_READINGS.fullmatch(each) for each in text.split("; ")]
    if not all(found):
        return readable(text)
    lines = {f"line{number}": _two(each) for number, each in enumerate(found) if each}
    return Phrase("; ".join(f"{{{name}}}" for name in lines), **lines)


def _two(found: re.Match[str]) -> str:
    name, first, second = found["name"], found["first"], found["second"]
    return Phrase("{name}: {was} and {now}", name=name, was=_answer(first), now=_answer(second, found["unit"] or ""))


def _spec(value: Value) -> EntrySpec | None:
    return next((spec for spec in value.step.says.entries if spec.id == value.name), None)


def _label(value: Value) -> str:
    spec, rule = _spec(value), value.step.says.calculation
    return spec.name if spec else (rule.name if rule else "") or value.name


def _said(value: Value) -> str:
    if isinstance(value, CalculatedValue):
        return amount(value.shown, value.unit)
    spec = _spec(value)
    return Phrase(value.value) if spec and spec.type == "yes_no" else amount(value.value, value.unit)


def _answer(text: str, unit: str = "") -> str:
    return {"yes": Phrase("yes"), "no": Phrase("no")}.get(text) or amount(text, unit)


_OF_VALUES: dict[str, Callable[[Value, Value | None], str | None]] = {
    ExceptionKind.OUT_OF_LIMIT: _judged,
    ExceptionKind.ALERT: _judged,
    ExceptionKind.CORRECTED: _corrected,
    ExceptionKind.RECALCULATED: _recalculated,
    ExceptionKind.NOT_APPLICABLE: _left_out,
}
