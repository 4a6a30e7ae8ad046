"""Comparison: a reader sees exactly what a new version changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes.comparison import Difference, differences
from recipes.document import load
from recipes.library import source_of
from tests.given.recipes import changed

SOURCE = source_of("CART-A")
DOCUMENT = load(SOURCE)


def compared(*changes: tuple[str, str]) -> list[Difference]:
    source = SOURCE
    for before, after in changes:
        source = changed(source, before, after)
    return differences(DOCUMENT, load(source))


@pytest.mark.req("R-084")
def test_three_changes_are_exactly_three_differences() -> None:
    found = compared(
        ("target: 7.5", "target: 8"),
        ("title: Select the cells", "title: Select CD4 and CD8 cells"),
        ("hold: {minutes: 4320,", "hold: {minutes: 4200,"),
    )
    assert [(each.kind, each.before, each.after) for each in found] == [
        ("changed", "7.5", "8"),
        ("changed", "Select the cells", "Select CD4 and CD8 cells"),
        ("changed", "4320", "4200"),
    ]
    assert found[0].place == "formula.parameters[moi].target"
    assert found[1].place == "procedure[UP02].operations[OP040].steps[S150].title"


def test_the_same_text_has_no_difference() -> None:
    assert compared() == []


def test_layout_comments_and_trailing_zeros_are_no_differences() -> None:
    again = load("# another comment\n\n" + SOURCE.replace("target: 7.5,", "target:   7.50,"))
    assert differences(DOCUMENT, again) == []


def test_the_change_note_is_not_a_difference() -> None:
    assert compared(("change: First version.", "change: Clearer words.")) == []


def test_an_added_and_a_removed_step_are_one_difference_each() -> None:
    step = "          - id: S545\n            kind: instruction\n            title: Sweep\n            text: Sweep.\n"
    place = "          - id: S460\n"
    assert [(each.kind, each.after) for each in compared((place, step + place))] == [("added", "S545 Sweep")]
    longer = load(changed(SOURCE, place, step + place))
    assert [each.kind for each in differences(longer, DOCUMENT)] == ["removed"]


def test_two_parameters_in_another_order_are_one_difference() -> None:
    lines = SOURCE.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if "{id: moi," in line)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    found = differences(DOCUMENT, load("".join(lines)))
    assert [(each.kind, each.place) for each in found] == [("reordered", "formula.parameters")]


@settings(max_examples=25, deadline=None)
@given(target=st.decimals(min_value=5, max_value=10, places=3))
def test_a_comparison_back_and_forth_mirrors(target: object) -> None:
    other = load(changed(SOURCE, "target: 7.5", f"target: {target}"))
    there, back = differences(DOCUMENT, other), differences(other, DOCUMENT)
    assert [(each.before, each.after) for each in there] == [(each.after, each.before) for each in back]
