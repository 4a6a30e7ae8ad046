"""Values people record: who looks at them besides, and what hangs on them."""

from collections.abc import Iterator

from recipes.document.faults import Place
from recipes.document.lint.order import references_of
from recipes.document.lint.structure import TWO_PEOPLE
from recipes.document.recipe import RecipeDocument
from recipes.document.references import parse_reference
from recipes.document.steps import Entry

Found = Iterator[tuple[Place, str]]


def critical_entries_have_a_second_person(document: RecipeDocument) -> Found:
    """What is typed and critical is checked by somebody else before the step is complete (R-060)."""
    for place, step in document.places():
        if step.signature in TWO_PEOPLE:
            continue
        for number, entry in enumerate(step.entries):
            if entry.critical:
                words = f"step {step.id}: “{entry.id}” is critical, so the step is signed by a second person too"
                yield (*place, "entries", number), words


def values_that_are_used_are_always_there(document: RecipeDocument) -> Found:
    """What something is computed from is neither optional nor left out as not applicable."""
    used = set(_used(document))
    for place, step in document.places():
        for number, entry in enumerate(step.entries):
            if (step.id, entry.id) in used and _may_be_missing(entry):
                words = f"step {step.id}: “{entry.id}” is used elsewhere and may not be left out"
                yield (*place, "entries", number), words


def _may_be_missing(entry: Entry) -> bool:
    return not entry.required or entry.can_be_left_out


def _used(document: RecipeDocument) -> Iterator[tuple[str, str]]:
    asked = [text for _, step in document.places() for _, text in references_of(step)]
    asked += [output.actual for output in document.formula.outputs if output.actual]
    for text in asked:
        reference = parse_reference(text)
        if reference is not None and reference.kind == "step":
            yield reference.owner, reference.name
