"""YAML text to a document. Scalars stay text until a field types them, so a number never passes through a float."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mes.yaml_text import require_readable
from recipes.document.faults import DocumentFault, Place, path_of
from recipes.document.lint import lint
from recipes.document.recipe import RecipeDocument
from recipes.errors import RecipeInvalid

MAX_CHARACTERS = 500_000
PLAIN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field a recipe has here",
    "tuple_type": "must be a list",
    "model_type": "must be a group of fields",
    "dict_type": "must be a group of fields",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


@dataclass
class _Reading:
    """The plain values of a YAML text and the line of every place in it."""

    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[DocumentFault] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def line_of(self, place: Place) -> int:
        """The line of the place, or of the nearest part that was written."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, place: Place, message: str) -> DocumentFault:
        return DocumentFault(self.line_of(place), path_of(place), message)

    def plain(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.faults.append(self.fault(place, "anchors and aliases are not used in recipes; write it out"))
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(each, (*place, number)) for number, each in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else node.value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            inside = (*place, str(key.value))
            if inside in self.lines:
                self.faults.append(DocumentFault(key.start_mark.line + 1, path_of(inside), "is written twice"))
                continue
            self.lines[inside] = key.start_mark.line + 1
            values[str(key.value)] = self.plain(value, inside)
        return values


def load(source: str) -> RecipeDocument:
    """The document in a YAML text. RecipeInvalid lists every fault with its line and field."""
    document, faults = _read(source)
    if document is None or faults:
        raise RecipeInvalid.by(faults)
    return document


def faults_in(source: str) -> list[DocumentFault]:
    """Everything wrong with a YAML text; empty when it is a recipe."""
    return _read(source)[1]


def _read(source: str) -> tuple[RecipeDocument | None, list[DocumentFault]]:
    if len(source) > MAX_CHARACTERS:
        return None, [DocumentFault(1, "", f"is longer than {MAX_CHARACTERS} characters")]
    try:
        require_readable(source)
        node = yaml.compose(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        return None, [_syntax_fault(error)]
    reading = _Reading()
    data = reading.plain(node, ()) if node is not None else None
    if reading.faults:
        return None, reading.faults
    return _typed(data, reading)


def _typed(data: Any, reading: _Reading) -> tuple[RecipeDocument | None, list[DocumentFault]]:
    try:
        document = RecipeDocument.model_validate(data)
    except ValidationError as error:
        return None, sorted(_type_faults(error, reading), key=lambda fault: fault.line)
    found = [reading.fault(place, message) for place, message in lint(document)]
    return document, sorted(found, key=lambda fault: fault.line)


def _type_faults(error: ValidationError, reading: _Reading) -> Iterator[DocumentFault]:
    found = error.errors(include_url=False)
    places = {each["loc"] for each in found}
    for each in found:
        if each["type"] == "too_short" and any(place[: len(each["loc"])] == each["loc"] != place for place in places):
            continue  # a list counts as empty when its only part is at fault; that part is told
        yield reading.fault(each["loc"], in_plain_words(each))


def in_plain_words(error: ErrorDetails) -> str:
    return PLAIN_WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")


def _syntax_fault(error: yaml.YAMLError) -> DocumentFault:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    return DocumentFault(line, "", f"is not YAML: {getattr(error, 'problem', None) or error}")
