"""The commissioning check of an instrument that leaves files: it has no tags to read and takes no commands.

What there is to look at is the folder, and whether the newest file in it is one that Baton can use.
"""

from __future__ import annotations

from collections.abc import Sequence

from equipment.adapters.file_drop import FileDrop, Found
from equipment.commissioning import Line, Outcome
from equipment.files.base import Run, Unreadable, Value
from equipment.files.readers import read

MOST_SHOWN = 6  # values and names in one line of the report


def look_over_folder(drop: FileDrop, *, most_bytes: int) -> list[Line]:
    """Raises DeviceUnreachable for a folder that cannot be read."""
    newest = drop.newest(most_bytes=most_bytes)
    folder = Line("Folder", "can be read", drop.folder.name, Outcome.PASSED)
    return [folder, *_newest(newest, most_bytes)]


def _newest(found: Found | None, most_bytes: int) -> list[Line]:
    what, expected = "Newest file", "a form that Baton reads, as a whole"
    if found is None:
        return [Line(what, expected, "No whole file lies there: export one run, and check again.", Outcome.NOT_DONE)]
    if found.content is None:
        return [Line(what, expected, f"{found.name} has more than {most_bytes} bytes.", Outcome.FAILED)]
    try:
        reader, runs = read(found.content)
    except Unreadable as refusal:
        return [Line(what, expected, f"{found.name}: {refusal}", Outcome.FAILED)]
    read_by = Line(what, expected, f"{found.name}: {reader.title}, runs: {len(runs)}", Outcome.PASSED)
    return [read_by, _samples(runs), _values(runs)]


def _samples(runs: Sequence[Run]) -> Line:
    """Without a name no run finds its sample by itself."""
    outcome = Outcome.PASSED if all(run.sample_id for run in runs) else Outcome.NOT_DONE
    return Line("Samples", "named in each run", _some([run.sample_id or "no name" for run in runs]), outcome)


def _values(runs: Sequence[Run]) -> Line:
    values = [value for run in runs for value in run.values]
    outcome = Outcome.NOT_DONE if not values or any(each.unit is None for each in values) else Outcome.PASSED
    return Line("Values", "each with its unit", _some([_in_words(each) for each in values]) or "none", outcome)


def _in_words(value: Value) -> str:
    unit = "without unit" if value.unit is None else value.unit
    return f"{value.name} {value.value} {unit}".rstrip()


def _some(words: Sequence[str]) -> str:
    rest = len(words) - MOST_SHOWN
    return ", ".join(words[:MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
