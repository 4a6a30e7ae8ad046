"""What changes between two documents. Lists are matched by id, so a moved line is not ten changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from recipes.document import RecipeDocument

KEYS = ("id", "as", "material", "code")


@dataclass(frozen=True)
class Difference:
    """One line of a comparison; `place` reads like `procedure[UP01].operations[OP010].steps[S020].text`."""

    place: str
    kind: Literal["added", "removed", "changed", "reordered"]
    before: str
    after: str


def differences(before: RecipeDocument, after: RecipeDocument) -> list[Difference]:
    """In document order. The change note is left out: it talks about the change, it is none."""
    return list(_compare("", _plain(before), _plain(after)))


def _plain(document: RecipeDocument) -> dict[str, Any]:
    plain = document.model_dump(by_alias=True, exclude_none=True)
    del plain["recipe"]["change"]
    return plain


def _compare(place: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _compare_fields(place, before, after)
    elif _is_keyed(before) and _is_keyed(after):
        yield from _compare_lists(place, before, after)
    elif before != after:
        yield Difference(place, "changed", _words(before), _words(after))


def _compare_fields(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*before, *(each for each in after if each not in before)]:
        yield from _compare_one(f"{place}.{name}".removeprefix("."), name, before, after)


def _compare_lists(place: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    old, new = _by_key(before), _by_key(after)
    for key in [*old, *(each for each in new if each not in old)]:
        yield from _compare_one(f"{place}[{key}]", key, old, new)
    kept_before = [key for key in old if key in new]
    kept_after = [key for key in new if key in old]
    if kept_before != kept_after:
        yield Difference(place, "reordered", ", ".join(kept_before), ", ".join(kept_after))


def _compare_one(place: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    if key not in after:
        yield Difference(place, "removed", _words(before[key]), "")
    elif key not in before:
        yield Difference(place, "added", "", _words(after[key]))
    else:
        yield from _compare(place, before[key], after[key])


def _is_keyed(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_key_of(each) for each in value)


def _by_key(values: Sequence[Any]) -> dict[str, Any]:
    return {_key_of(each): each for each in values}


def _key_of(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""
    return next((str(value[key]) for key in KEYS if key in value), "")


def _words(value: Any) -> str:
    """A value as a reader sees it; a whole part by its name."""
    if isinstance(value, Mapping):
        named = [str(value[key]) for key in ("id", "title", "name") if key in value]
        return " ".join(named) or ", ".join(f"{key} {_words(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(_words(each) for each in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
