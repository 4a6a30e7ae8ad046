"""What is wrong with a document, and where."""

from dataclasses import dataclass

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class DocumentFault:
    """`line` counts from 1; `field` is the path, e.g. `procedure[0].operations[1].steps[2].hold.minutes`."""

    line: int
    field: str
    message: str


def path_of(place: Place) -> str:
    """The readable form of a place in the document."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
